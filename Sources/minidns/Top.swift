import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns top`: what a running server does, once a second.
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a running server answers, to whom, each second; q or ^C ends it.",
        discussion: """
            Names and clients are the most frequent of the last seconds, found in a sample; shares are at least as large. \
            --json prints the server's reply: numbers since its start.

            \(ExitStatus.help)
            """)

    @Flag(help: "Show one second, and end.") var once = false

    @OptionGroup var options: ControlOptions

    private static let secondMilliseconds = 1000
    /// How long a signal may wait.
    private static let sliceMilliseconds = 100

    func run() throws {
        let asked = try ask()
        if options.json {
            options.print(asked)
        } else if !once && StandardStreams.isTerminal(1) {
            try showLive(asked)
        } else {
            try printFrames(asked)
        }
    }

    private func ask() throws -> JSON { try options.ask(["request": "top"]) }

    private func printFrames(_ asked: JSON) throws {
        let output = Output()
        var before = asked
        while true {
            Clock.sleep(milliseconds: Self.secondMilliseconds)
            let now = try ask()
            let lines = TopFrame(from: before, to: now).lines.map { output.painted($0.text, $0.paint) }
            let end = once ? "\n" : "\n\n"
            if !StandardStreams.write(lines.joined(separator: "\n") + end, to: 1) || once { return }
            before = now
        }
    }

    private func showLive(_ asked: JSON) throws {
        let output = Output()
        // SIGTERM must restore the terminal too.
        let signals = try Signals()
        guard let terminal = Terminal() else { return try printFrames(asked) }
        var before = asked
        var now = asked
        while true {
            let size = Terminal.size
            // Each line is cleared to its end, and what is below the last.
            let lines = TopFrame(from: before, to: now).lines.prefix(size.lines - 1).map { line in
                output.painted(String(line.text.prefix(size.columns)), line.paint) + "\u{1B}[K\n"
            }
            StandardStreams.write("\u{1B}[H" + lines.joined() + "\u{1B}[J", to: 1)
            let end = Clock.milliseconds + Self.secondMilliseconds
            while Clock.milliseconds < end {
                switch terminal.key(milliseconds: Self.sliceMilliseconds) {
                // ^C
                case nil, 0x03, UInt8(ascii: "q"), UInt8(ascii: "Q"): return
                default: if signals.next() != nil { return }
                }
            }
            before = now
            now = try ask()
        }
    }
}
