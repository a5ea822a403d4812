import Linux
import TestSupport
import Testing

/// `~/.config/resolve/options`, which is read where standard output is a terminal.
struct StartUpFileTests {
    /// What a run on a terminal prints, with these options in the file, and its exit code.
    private static func run(_ options: String?, _ arguments: String, environment: String = "") throws -> String {
        let server = try FakeServer { [.reply($0.response(answer: "www.test. 5400 IN A 192.0.2.1"))] }
        defer { server.stop() }
        let home = try TemporaryDirectory()
        try home.run("mkdir -p .config/resolve")
        if let options {
            try home.write(".config/resolve/options", options.replacing("SERVER", with: "\(server.address)"))
        }
        let words = arguments.replacing("SERVER", with: "\(server.address)")
        let command = "\(ResolveRun.path) \(words)"
        let settings = "env -u XDG_CONFIG_HOME HOME=\(home.path) NO_COLOR=1 \(environment)"
        let run = try ResolveRun(
            script: "", wrapped: "cd \(home.path); \(settings) script -qec '\(command)' /dev/null; echo \"=> $?\"")
        return run.output.replacing("\r\n", with: "\n").replacing("\(home.path)", with: "HOME")
            .replacing("\(server.address)", with: "SERVER")
    }

    private static let full = "www.test. 1h30m IN A 192.0.2.1\n"

    static let runs: [(options: String?, arguments: String, output: String)] = [
        (nil, "@SERVER www.test --short", "192.0.2.1\n=> 0\n"),
        ("# at home\r\n\n  @SERVER\t--short # all\r\n--tcp", "www.test", "192.0.2.1\n=> 0\n"),
        // The command line wins.
        ("@192.0.2.255 --short", "@SERVER www.test", "192.0.2.1\n=> 0\n"),
        ("@SERVER --short --timeout 0", "www.test --timeout 2 --full +noall +answer", full + "=> 0\n"),
        ("@SERVER --seconds --no-idn", "www.test --idn +noall +answer +ttlunits", full + "=> 0\n"),
        ("--nonsense", "-r @SERVER www.test --short", "192.0.2.1\n=> 0\n"),
        // Another output than a terminal.
        ("--nonsense", "@SERVER www.test --short | cat", "192.0.2.1\n=> 0\n"),
        (
            "--short\n  --tcp --nonsense # no\n", "@SERVER www.test",
            """
            error: HOME/.config/resolve/options:2:9: Unknown option '--nonsense'
            2 |   --tcp --nonsense # no
              |         ^^^^^^^^^^
            => 64

            """
        ),
        (
            "--tries many", "@SERVER www.test",
            """
            error: HOME/.config/resolve/options:1:1: The value 'many' is invalid for '--tries <number>'
            1 | --tries many
              | ^^^^^^^
            => 64

            """
        ),
        (
            "--short\n\t--tcp www.test", "@SERVER",
            """
            error: HOME/.config/resolve/options:2:8: only options and servers may stand here, not names and types
            2 |  --tcp www.test
              |        ^^^^^^^^
            => 64

            """
        ),
        (
            "\u{E9} +short", "@SERVER www.test",
            """
            error: HOME/.config/resolve/options:1:1: only options and servers may stand here, not names and types
            1 | \\195\\169 +short
              | ^^^^^^^^
            => 64

            """
        ),
        (
            "+short", "@SERVER www.test",
            """
            error: HOME/.config/resolve/options:1:1: dig's words belong on the command line; here are options, such as --short
            1 | +short
              | ^^^^^^
            => 64

            """
        ),
        (
            "@x:y --version", "@SERVER www.test",
            """
            error: HOME/.config/resolve/options:1:6: --version belongs on the command line
            1 | @x:y --version
              |      ^^^^^^^^^
            => 64

            """
        ),
        (
            "--tries 999", "@SERVER www.test",
            """
            error: --tries must be a number from 1 to 100
            See: resolve --help
            The options of HOME/.config/resolve/options were read, too; -r leaves them alone.
            => 64

            """
        ),
    ]

    @Test(arguments: runs) func optionsOfOnesOwnComeFirst(_ options: String?, _ arguments: String, _ output: String)
        throws
    {
        #expect(try Self.run(options, arguments) == output)
    }

    @Test func theFileStandsWhereTheSystemSays() throws {
        let words = "@SERVER www.test --short"
        #expect(try Self.run("--nonsense", words, environment: "XDG_CONFIG_HOME=/nowhere") == "192.0.2.1\n=> 0\n")
        #expect(try Self.run("--nonsense", words, environment: "XDG_CONFIG_HOME=nowhere").hasSuffix("=> 64\n"))
        #expect(try Self.run("--nonsense", words, environment: "HOME=") == "192.0.2.1\n=> 0\n")
    }
}
