import ArgumentParser
import Linux

/// `minidns`: serve and check zones.
struct MiniDNS: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "minidns",
        abstract: "A small and fast authoritative name server.",
        discussion: "Without a subcommand it serves the zones in the directory zones/.\n\n\(ExitStatus.help)",
        version: "0.1.0",
        subcommands: [
            Serve.self, Check.self, Format.self, Diff.self, Explain.self, Tree.self, Status.self, Reload.self,
            Top.self, QueryLogCommand.self, PlaygroundCommand.self,
        ],
        defaultSubcommand: Serve.self)
}

@main
enum Main {
    static func main() {
        StandardStreams.reserve()
        do {
            var command = try command()
            try command.run()
        } catch let failure as Failure {
            end(failure)
        } catch let error as SystemError {
            end(Failure(status: .systemRefused, message: "\(error)"))
        } catch {
            // Help and version are thrown too; what is neither they nor a usage error is our fault.
            let code = MiniDNS.exitCode(for: error).rawValue
            let status = ExitStatus(rawValue: code) ?? .internalError
            let message = MiniDNS.fullMessage(for: error)
            if !message.isEmpty { StandardStreams.write(message + "\n", to: status == .success ? 1 : 2) }
            Machine.endProcess(status.rawValue)
        }
    }

    /// What the words mean. To make the tree of all commands takes longer than to load a small zone, so a command is made
    /// by itself; what it cannot make sense of is for the tree to tell.
    private static func command() throws -> any ParsableCommand {
        let words = CommandLine.arguments.dropFirst()
        let named = MiniDNS.configuration.subcommands.first { $0._commandName == words.first }
        return try (try? named?.parse(Array(words.dropFirst()))) ?? MiniDNS.parseAsRoot()
    }

    private static func end(_ failure: Failure) -> Never {
        StandardStreams.write("error: \(failure.message)\n", to: 2)
        Machine.endProcess(failure.status.rawValue)
    }
}
