import PenstockHub
import Testing

/// The environment by the rules of huggingface_hub.
@Suite struct SettingsTests {
    private static func settings(_ variables: [String: String], files: [String: String] = [:]) throws -> HubSettings {
        let all = ["HOME": "/home/me"].merging(variables) { _, newer in newer }
        return try HubSettings(environment: { all[$0] }, file: { files[$0] })
    }

    @Test(
        arguments: [
            ([:], "/home/me/.cache/huggingface/hub"),
            (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
            (["XDG_CACHE_HOME": "/x", "HF_HOME": "/h"], "/h/hub"),
            (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/l"], "/l"),
            (["HF_HUB_CACHE": "/c", "HUGGINGFACE_HUB_CACHE": "/l"], "/c"),
            (["HF_HUB_CACHE": ""], "/home/me/.cache/huggingface/hub"),
            (["HF_HOME": "~/h"], "/home/me/h/hub"),
            (["HF_HUB_CACHE": "$DATA/${USER}-c/$none", "DATA": "/d", "USER": "me"], "/d/me-c/$none"),
            (["HF_HUB_CACHE": "/a$"], "/a$"), (["HF_HUB_CACHE": "/a${"], "/a${"),
        ] as [([String: String], String)])
    func cache(variables: [String: String], path: String) throws {
        #expect(try Self.settings(variables).cache == path)
    }

    /// Whoever has no home, as services may, is told so, and has no cache at the root of the file system.
    @Test func withoutHome() throws {
        func settings(_ variables: [String: String]) throws -> HubSettings {
            try HubSettings(environment: { variables[$0] }, file: { _ in nil })
        }
        let error = #expect(throws: HubError.self) { try settings([:]) }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains("HF_HOME") == true)
        #expect(try settings(["HF_HUB_CACHE": "/c"]).cache == "/c")
        #expect(try settings(["XDG_CACHE_HOME": "/x"]).cache == "/x/huggingface/hub")
        #expect(try settings(["HF_HOME": "~/h"]).cache == "~/h/hub")
    }

    @Test(
        arguments: [
            (["HF_HUB_OFFLINE": "1"], true), (["HF_HUB_OFFLINE": "yes"], true), (["HF_HUB_OFFLINE": "0"], false),
            (["TRANSFORMERS_OFFLINE": "ON"], true), (["HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"], false),
            ([:], false),
        ] as [([String: String], Bool)])
    func offline(variables: [String: String], isOffline: Bool) throws {
        #expect(try Self.settings(variables).isOffline == isOffline)
    }

    @Test func tokens() throws {
        let files = ["/home/me/.cache/huggingface/token": " hf_file\n", "/t": "hf_other", "/e": "\n"]
        let expectations: [([String: String], String?)] = [
            ([:], "hf_file"), (["HF_TOKEN": "hf_a\n"], "hf_a"), (["HUGGING_FACE_HUB_TOKEN": "hf_b"], "hf_b"),
            (["HF_TOKEN": "hf_a", "HUGGING_FACE_HUB_TOKEN": "hf_b"], "hf_a"), (["HF_TOKEN_PATH": "/t"], "hf_other"),
            (["HF_TOKEN_PATH": "/e"], nil), (["HF_TOKEN_PATH": "/none"], nil),
            (["HF_TOKEN": "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"], nil), (["HF_TOKEN": " \n"], "hf_file"),
        ]
        for (variables, expected) in expectations {
            let token = try Self.settings(variables, files: files).token
            #expect(token == expected.flatMap { text in try? HubToken(text, from: "a test") })
            #expect((token == nil) == (expected == nil))
        }
    }

    /// A token shows nowhere, and cannot smuggle in a header field.
    @Test func secrets() throws {
        let settings = try Self.settings(["HF_TOKEN": "hf_secret", "http_proxy": "http://me:hf_secret@proxy:1"])
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] { #expect(!text.contains("hf_secret")) }
        let error = #expect(throws: HubError.self) { try Self.settings(["HF_TOKEN": "hf_secret and more"]) }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func endpoints() throws {
        #expect(try Self.settings([:]).endpoint.description == "https://huggingface.co/")
        #expect(
            try Self.settings(["HF_ENDPOINT": "http://mirror:81/hf/"]).endpoint.appending("a").description
                == "http://mirror:81/hf/a")
        #expect(throws: HubError.self) { try Self.settings(["HF_ENDPOINT": "mirror"]) }
        for address in ["https://me:hunter2@mirror", "mirror?key=hunter2"] {
            let error = #expect(throws: HubError.self) { try Self.settings(["HF_ENDPOINT": address]) }
            #expect(error?.message.contains("HF_ENDPOINT") == true)
            #expect(error?.message.contains("hunter2") == false)
        }
    }
}
