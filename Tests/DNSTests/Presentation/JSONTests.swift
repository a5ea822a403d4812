import DNS
import Testing

struct JSONTests {
    /// Texts that print as they are read.
    @Test(arguments: [
        "null", "true", "false", "0", "-17", "9223372036854775807", "\"\"", "\"é🌍\"", "[]", "{}", "[1,[2,{}],\"x\"]",
        #"{"a":1,"b":{"c":[null]}}"#, #""a\nb\"c\\d\u001b[0m\u007f\u009b""#,
    ])
    func readsWhatItPrints(text: String) throws {
        #expect(try #require(JSON(parsing: text.utf8)).text == text)
    }

    @Test(arguments: [
        (" [ 1 , 2 ] \n", "[1,2]"), ("{ \"a\" : \"\\u0041\\/\\t\" }", "{\"a\":\"A/\\u0009\"}"),
        (#""\ud83c\udf0d""#, "\"🌍\""),
    ])
    func readsOtherForms(text: String, printed: String) throws {
        #expect(try #require(JSON(parsing: text.utf8)).text == printed)
    }

    @Test(arguments: [
        "", " ", "nul", "truee", "1 2", "01", "1.5", "1e3", "+1", "-", "9223372036854775808", "\"", "\"\n\"", #""\x""#,
        #""\u12""#, #""\u+123""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, #""\"#, "[", "[1,]", "[1 2]", "{",
        "{1:2}",
        #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "]", String(repeating: "[", count: 17),
    ])
    func refusesTheRest(text: String) {
        #expect(JSON(parsing: text.utf8) == nil)
    }

    @Test func refusesOctetsThatAreNoUTF8() {
        #expect(JSON(parsing: [0x22, 0xC3, 0x22]) == nil)
    }

    @Test func findsMembers() {
        let value: JSON = ["a": .number(1), "b": "x", "a": .null, "c": [.bool(true)]]
        #expect(value["a"]?.number == 1 && value["b"]?.string == "x" && value["c"]?.array?.count == 1)
        #expect(value["d"] == nil && value["a"]?["a"] == nil)
    }
}
