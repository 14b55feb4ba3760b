import PenstockJSON
import Testing

@Suite struct NearNameTests {
    private let commands = ["serve", "run", "pull", "list", "remove", "inspect", "doctor", "tokenize", "bench"]

    @Test(
        arguments: [
            ("serv", ["serve"]), ("sevre", ["serve"]), ("SERVE", ["serve"]), ("lits", ["list"]),
            ("insepct", ["inspect"]),
            ("nonsense", []), ("", []), ("x", []), ("tokenise", ["tokenize"]), ("rum", ["run"]),
        ] as [(String, [String])])
    func commandsByTheirMistypedNames(name: String, near: [String]) {
        #expect(NearNames.of(name, among: commands) == near)
    }

    @Test func theNearestComeFirstAndThreeAtMost() {
        let known = ["bert-d", "bert-a", "bert-c", "bert", "bert-b"]
        #expect(NearNames.of("bert-a", among: known) == ["bert-a", "bert-b", "bert-c"])
        #expect(NearNames.question("bret-a", among: known) == "; did you mean bert-a or bert-b or bert-c?")
        #expect(NearNames.question("deberta-v3", among: known).isEmpty)
    }

    /// A request cannot make the comparison costly.
    @Test func whatIsLongIsNearToNothing() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(NearNames.of(long, among: [long, "a"]).isEmpty)
        #expect(NearNames.of("a", among: [long]).isEmpty)
    }
}
