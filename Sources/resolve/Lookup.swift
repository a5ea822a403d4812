import ArgumentParser

/// `resolve`: the command line, as it is written.
struct Lookup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Ask name servers.",
        usage: "resolve [@server[:port]] name [type ...] [options]",
        discussion: """
            Names, types, classes, servers and options may stand in any order. Without a type A is asked; an \
            address asks for its names. Without a server the system's are asked (/etc/resolv.conf).

            Examples:
              resolve www.example.test                  its IPv4 addresses
              resolve example.test mx txt               several types
              resolve www.example.test aaaa --short     the values only
              resolve 192.0.2.80                        the names of an address
              resolve @127.0.0.1:5353 example.test      ask this server
              resolve mx. a                             the addresses of a name that reads like a type

            \(ExitStatus.help)
            """,
        version: "0.1.0")

    @Argument(
        help: ArgumentHelp(
            "@server[:port], names, addresses, types, classes; also dig's +short, +tcp, +dnssec, +norecurse, "
                + "+bufsize=N and +noedns.", valueName: "word"))
    var words: [String] = []

    @Option(name: .customShort("x"), help: ArgumentHelp("Look up the names of an address.", valueName: "address"))
    var addresses: [String] = []

    @Option(
        name: [.customLong("name"), .customShort("q")],
        help: ArgumentHelp("A name, whatever it reads like.", valueName: "name"))
    var names: [String] = []

    @Option(
        name: [.customLong("type"), .customShort("t")],
        help: ArgumentHelp("A type: MX, TYPE65280.", valueName: "type"))
    var types: [String] = []

    @Option(
        name: [.customLong("class"), .customShort("c")], help: ArgumentHelp("A class: IN, CH.", valueName: "class"))
    var classes: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The port of servers that name none (53).", valueName: "port"))
    var port: UInt16?

    @Flag(help: "Ask over TCP.")
    var tcp = false

    @Flag(help: "Print the values of the answer only.")
    var short = false

    @Flag(help: "Do not ask for recursion.")
    var noRecurse = false

    @Flag(help: "Ask for DNSSEC records.")
    var dnssec = false

    @Option(name: .customLong("bufsize"), help: ArgumentHelp("The largest UDP answer (1232).", valueName: "octets"))
    var payloadSize: UInt16?

    @Flag(name: .customLong("no-edns"), help: "Ask without EDNS.")
    var noEDNS = false

    @Option(help: ArgumentHelp("How long to wait for each reply (2).", valueName: "seconds"))
    var timeout: Double?

    @Option(help: ArgumentHelp("How often to ask each server (3).", valueName: "number"))
    var tries: Int?

    @Option(help: ArgumentHelp("How long a lookup may take in all (10).", valueName: "seconds"))
    var deadline: Double?

    @Flag(help: "No colour, not even on a terminal.")
    var noColor = false

    @OptionGroup var bulk: BulkOptions
}
