import PenstockHub
import Testing

/// Ids, revisions, paths and addresses: what is taken, and above all what is not.
@Suite struct NameTests {
    /// The examples of `validate_repo_id`, and its rules at their edges.
    @Test(arguments: [
        "foo", "foo/bar", "123", "Foo-BAR_foo.bar123", "_a/b_", "sentence-transformers/all-MiniLM-L6-v2",
        String(repeating: "a", count: 96), "a/" + String(repeating: "b", count: 96),
    ])
    func validIDs(text: String) throws {
        let id = try RepositoryID(text)
        #expect(id.description == text)
        #expect(RepositoryID(folder: id.folder) == id)
    }

    @Test(arguments: [
        "", "/", "a/", "/a", "datasets/foo/bar", ".repo_id", "repo.", "-a", "a-", "foo--bar", "a..b", "foo.git", "a b",
        "café", "文件夹", "a\u{0}", "a\nb", String(repeating: "a", count: 97), "a/-b", "../x", "a@b", "a\u{301}/b",
    ])
    func invalidIDs(text: String) {
        let error = #expect(throws: HubError.self) { try RepositoryID(text) }
        #expect(error?.code == .invalidID)
        #expect(error?.message.contains("\n") == false)
    }

    @Test func folders() throws {
        #expect(try RepositoryID("org/name").folder == "models--org--name")
        #expect(try RepositoryID("gpt2").folder == "models--gpt2")
        for folder in ["datasets--a--b", "models--", "models----a", "models--a--b--c", ".locks", "models--a--", "x"] {
            #expect(RepositoryID(folder: folder) == nil)
        }
    }

    @Test func references() throws {
        #expect(try HubReference("org/name").revision == "main")
        #expect(try HubReference("org/name@v1.0").description == "org/name@v1.0")
        #expect(try HubReference("name@refs/pr/1").revision == "refs/pr/1")
        #expect(try HubReference("name@" + String(repeating: "0a", count: 20)).isCommit)
        #expect(try !HubReference("name@" + String(repeating: "0A", count: 20)).isCommit)
        for text in ["a@", "a@../b", "a@b/../c", "a@.b", "a@b//c", "a@/b", "a@b c", "a@b\u{0}", "a@b\\c", "@main"] {
            #expect(throws: HubError.self) { try HubReference(text) }
        }
    }

    @Test func paths() {
        #expect(RepositoryPath("1_Pooling/config.json")?.folder == "1_Pooling")
        #expect(RepositoryPath("a/b/c")?.name == "c")
        #expect(RepositoryPath("ä/ö.json") != nil)
        for text in [
            "", "/etc/passwd", "../x", "a/../b", "a/..", "..", ".", "./a", "a//b", "a/", "a\\b", "a\u{0}", "a\nb",
            String(repeating: "a", count: 256), "C:\\x",
        ] {
            #expect(RepositoryPath(text) == nil)
        }
    }

    @Test func addresses() throws {
        let url = try #require(HubURL("HTTPS://Hub.Example:8443/a/b?c=d#e"))
        #expect(url.description == "https://hub.example:8443/a/b?c=d")
        #expect(url.withoutQuery == "https://hub.example:8443/a/b")
        #expect(HubURL("https://h:443/")?.origin == HubURL("https://h")?.origin)
        #expect(HubURL("http://h")?.origin != HubURL("https://h")?.origin)
        #expect(HubURL("http://[::1]:80/x")?.origin.host == "[::1]")
        #expect(url.resolving("/x?y")?.description == "https://hub.example:8443/x?y")
        #expect(url.resolving("?x")?.description == "https://hub.example:8443/a/b?x")
        #expect(url.resolving("x")?.description == "https://hub.example:8443/a/x")
        #expect(url.resolving("//other/x")?.description == "https://other/x")
        #expect(url.resolving("http://other")?.description == "http://other/")
        for text in [
            "", "x", "ftp://h/", "http://", "http://a b/", "http://user@h/", "http://h@other/", "http://h:0/",
            "http://h:99999/", "http://h:+80/", "http://h\\@x/", "http://h/\u{e4}", "http+unix://x/", "http://h%2f/",
            "http://[::1/", "javascript:x", "http://h\n/",
        ] {
            #expect(HubURL(text) == nil)
        }
        for location in ["javascript:x", "http+unix://x/y", "http://a@b/"] { #expect(url.resolving(location) == nil) }
    }

    @Test func escapes() {
        #expect(HubURL.escaped("refs/pr/1") == "refs%2Fpr%2F1")
        #expect(HubURL.escaped("a b/ä", keepingSlashes: true) == "a%20b/%C3%A4")
    }

    /// What is there wins; then ids are the Hub's, and what can only be a path stays one.
    @Test func locations() throws {
        #expect(try ModelLocation("/tmp") == .folder("/tmp"))
        #expect(try ModelLocation("no/such/directory") == .folder("no/such/directory"))
        #expect(try ModelLocation("./x") == .folder("./x"))
        #expect(try ModelLocation("x/") == .folder("x/"))
        #expect(try ModelLocation("no-such/model@v1") == .hub(HubReference("no-such/model@v1")))
        #expect(try ModelLocation("a/b@refs/pr/1").name == "a/b")
        #expect(throws: HubError.self) { try ModelLocation("no such") }
        for text in ["none.gguf", "no-such/x.Q8_0.GGUF", "x.safetensors", "a/pytorch_model.bin", "x.pt", "x.pth"] {
            #expect(try ModelLocation(text) == .folder(text))
        }
        #expect(try ModelLocation("a/x.gguf@main") == .hub(HubReference("a/x.gguf")))
        for (text, part) in [
            ("https://huggingface.co/org/name", "follows the host"), ("https://h/org/name/resolve/main/x.gguf", "host"),
            ("org/name-GGUF:Q4_K_M", "--gguf"), ("", "no repository id"),
        ] {
            let error = #expect(throws: HubError.self) { try ModelLocation(text) }
            #expect(error?.code == .invalidID && error?.message.contains(part) == true, "\(text)")
        }
        for id in ["a/x-GGUF", "gguf", "a/x.gguf-2", "bin"] { #expect(try ModelLocation(id).name == id) }
    }
}
