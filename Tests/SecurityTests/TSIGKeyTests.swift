import DNS
import DNSSecurity
import Testing

/// Keys as the command line and files have them.
struct TSIGKeyTests {
    private static func description(_ key: TSIGKey) -> String {
        "\(key.algorithm.rawValue) \(key.name) \(String(decoding: key.secret, as: UTF8.self))"
    }

    @Test(arguments: [
        ("k.example:c2VjcmV0", "hmac-sha256 k.example. secret"),
        ("hmac-sha512:k.example.:c2VjcmV0", "hmac-sha512 k.example. secret"),
        ("HMAC-SHA1:k:c2VjcmV0", "hmac-sha1 k. secret"),
        ("hmac-md5:k:c2VjcmV0", "hmac-md5.sig-alg.reg.int k. secret"),
    ])
    func readsTheCommandLine(_ text: String, _ key: String) throws {
        #expect(Self.description(try TSIGKey(text)) == key)
        #expect(Self.description(try TSIGKey(file: text + "\n")) == key)
    }

    @Test(arguments: [
        """
        key "k.example" {
        \talgorithm hmac-sha512;
        \tsecret "c2VjcmV0";
        };
        """,
        "# made\n// by\n/* somebody;\nkey other { */ key k.example{algorithm \"hmac-sha512\";secret c2VjcmV0;};",
        "key k.example { secret \"c2VjcmV0\"; algorithm HMAC-SHA512.; };\nkey other { };",
        "# for kdig\nhmac-sha512:k.example:c2VjcmV0\n",
    ])
    func readsFiles(_ text: String) throws {
        #expect(Self.description(try TSIGKey(file: text)) == "hmac-sha512 k.example. secret")
    }

    @Test func slashesOfSecretsBeginNoComment() throws {
        for text in ["key k { secret \"////\"; };", "key k { secret a///; };", "k:////"] {
            #expect(try TSIGKey(file: text).secret.count == 3)
        }
    }

    @Test(arguments: [
        ("", "[algorithm:]name:secret"), ("k", "[algorithm:]name:secret"), ("a:b:c:d", "[algorithm:]name:secret"),
        ("hmac-sha999:k:c2VjcmV0", "hmac-sha999 is not an algorithm for keys: hmac-md5.sig-alg.reg.int, hmac-sha1"),
        ("k:", "must be base64"), ("k:c2VjcmV", "must be base64"), ("k:c2V*cmV0", "must be base64"),
        ("a..b:c2VjcmV0", "a..b, is not a name"), ("key k {", "a key file must have"),
        ("{ key", "a key file must have"),
        ("key k { secret", "a key file must have"),
    ])
    func saysWhatIsWrong(_ text: String, _ words: String) throws {
        do throws(TSIGKeyError) {
            _ = try TSIGKey(file: text)
            Issue.record("no error")
        } catch {
            #expect(error.description.contains(words), "\(error)")
            #expect(!error.description.contains("c2V"))
        }
    }
}
