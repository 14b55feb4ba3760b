import PenstockHTTP
import PenstockHub
import Testing
import penstock

/// Models that administrators want.
@Suite struct WishedModelTests {
    /// A Hub that does not answer is no fault of the model.
    @Test(
        arguments: [
            (.unreachable, .unreachable), (.rateLimited, .unreachable), (.repositoryNotFound, .missing),
            (.offline, .missing), (.noModel, .unusable), (.gated, .unusable),
        ] as [(HubError.Code, ModelRefusal.Reason)])
    func whatTheHubDoesNotGiveIsRefused(code: HubError.Code, reason: ModelRefusal.Reason) {
        let refusal = ModelRefusal(HubError(code, "why"))
        #expect(refusal.reason == reason && refusal.description == "why")
    }
}
