import PenstockServing

extension ServingConfiguration {
    /// A configuration with which no answer depends on how busy the machine is: requests may take an hour, and there is no
    /// warm-up to be measured wrong.
    package static func patient() -> ServingConfiguration {
        var configuration = ServingConfiguration()
        configuration.requestTimeout = .seconds(3600)
        configuration.warmsUp = false
        return configuration
    }
}
