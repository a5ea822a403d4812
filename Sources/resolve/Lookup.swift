import ArgumentParser

/// How results are written.
enum Format: String, EnumerableFlag {
    case full, short, json, zone, raw, wire

    static func help(for format: Format) -> ArgumentHelp? {
        switch format {
        case .full: "Everything, for people; this is what is printed anyway."
        case .short: "The values of the answer only."
        case .json: "A JSON object a line, with the members of RFC 8427."
        case .zone: "Records as a zone file has them."
        case .raw: "The octets of the response in hexadecimal."
        case .wire: "The response octet by octet, with what each means."
        }
    }
}

extension NameSpecification {
    /// A word and a letter; behind the letter the value may stand at once, as dig's.
    fileprivate static func both(_ word: String, _ letter: Character) -> Self {
        [.customLong(word), .customShort(letter, allowingJoined: true)]
    }
}

/// `resolve`: the command line, as it is written.
struct Lookup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Ask name servers.",
        usage: "resolve [@server[:port]] name [type ...] [options]",
        discussion: """
            Names, types, classes, servers and options may stand in any order. Without a type A is asked; an \
            address asks for its names. Without a server the system's are asked (/etc/resolv.conf). Of several \
            servers the next is asked where one does not answer.

            \(ExitStatus.help)
            """,
        version: "0.1.0", helpNames: [])

    @Argument(
        help: ArgumentHelp(
            "@server[:port], names, addresses, types, classes; also dig's words that begin with a plus sign.",
            valueName: "word"))
    var words: [String] = []

    @Flag(name: .shortAndLong, help: "What is needed most, on one screen.") var help = false
    @Flag(help: "This.") var helpAll = false
    @Flag(
        name: [.customShort("r"), .customLong("no-config")],
        help: "Leave ~/.config/resolve/options alone, which is read where there is a terminal.")
    var noConfig = false

    // MARK: What is asked

    @Option(
        name: .customShort("x", allowingJoined: true),
        help: ArgumentHelp("Look up the names of an address.", valueName: "address"))
    var addresses: [String] = []
    @Option(
        name: .both("name", "q"),
        help: ArgumentHelp("A name, whatever it reads like.", valueName: "name"))
    var names: [String] = []
    @Option(
        name: .both("type", "t"),
        help: ArgumentHelp("A type: MX, TYPE65280.", valueName: "type"))
    var types: [String] = []
    @Option(
        name: .both("class", "c"), help: ArgumentHelp("A class: IN, CH.", valueName: "class"))
    var classes: [String] = []
    @Flag(help: "Complete short names as the search list of /etc/resolv.conf says.") var search = false
    @Option(help: ArgumentHelp("Search in this domain, instead of that list.", valueName: "name"))
    var domain: [String] = []
    @Option(help: ArgumentHelp("Names with fewer dots are short.", valueName: "number")) var ndots: Int?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Show internationalised names as such, also where there is no terminal.")
    var idn: Bool?

    // MARK: What is done

    @Flag(help: "Follow the referrals from the root, or from @server, one by one.") var trace = false
    @Flag(help: "Ask each @server, and show where they differ.") var diff = false
    @Flag(help: "Let TTLs count in --diff.") var ttl = false
    @Option(help: ArgumentHelp("Fetch a whole zone, as zone-file text or JSON.", valueName: "zone"))
    var axfr: [String] = []
    @Option(help: ArgumentHelp("Fetch what changed in a zone since this version.", valueName: "serial"))
    var ixfr: UInt32?
    @Option(help: ArgumentHelp("Exit with 5 unless this is among the values; may be repeated.", valueName: "value"))
    var expect: [String] = []
    @Option(help: ArgumentHelp("Exit with 5 unless the response code is this: NXDOMAIN.", valueName: "code"))
    var expectRcode: String?
    @Option(help: ArgumentHelp("Ask again until it is as expected, for this long: 30s, 2m.", valueName: "time"))
    var wait: String?

    // MARK: Whom, and over what

    @Option(
        name: .both("port", "p"),
        help: ArgumentHelp("The port of servers that name none (53).", valueName: "port"))
    var port: UInt16?
    @Flag(name: .customShort("4"), help: "Ask servers at IPv4 addresses only.") var onlyIPv4 = false
    @Flag(name: .customShort("6"), help: "Ask servers at IPv6 addresses only.") var onlyIPv6 = false
    @Option(
        name: .both("bind", "b"),
        help: ArgumentHelp("The address of this machine to ask from.", valueName: "address")) var source: String?
    @Option(
        help: ArgumentHelp(
            "Ask as a proxy that a client asked (PROXYv2); local: as one that asks for itself.",
            valueName: "client[:port]-server[:port]")) var proxy: String?
    @Flag(help: "Ask over TCP.") var tcp = false
    @Flag(help: "Ask over UDP only, also where the answer does not fit.") var udp = false
    @Option(help: ArgumentHelp("How long to wait for each reply, in seconds (2).", valueName: "seconds"))
    var timeout: String?
    @Option(help: ArgumentHelp("How often to ask each server (3).", valueName: "number")) var tries: Int?
    @Option(help: ArgumentHelp("How long a lookup may take in all, in seconds (10).", valueName: "seconds"))
    var deadline: String?

    // MARK: How it is asked

    @Flag(help: "Do not ask for recursion (RD).") var noRecurse = false
    @Flag(help: "Ask for DNSSEC records (DO).") var dnssec = false
    @Flag(name: .customLong("aa"), help: "Set AA.") var authoritative = false
    @Flag(name: .customLong("tc"), help: "Set TC.") var truncated = false
    @Flag(name: .customLong("ra"), help: "Set RA.") var recursionAvailable = false
    @Flag(name: .customLong("ad"), help: "Set AD: the asker understands it.") var authenticData = false
    @Flag(name: .customLong("cd"), help: "Set CD: the server need not validate.") var checkingDisabled = false
    @Flag(name: .customLong("zflag"), help: "Set the last reserved bit of the header.") var reserved = false
    @Option(help: ArgumentHelp("The kind of query: QUERY, NOTIFY, 0 to 15.", valueName: "opcode"))
    var opcode: String?
    @Option(
        name: .both("tsig", "y"),
        help: ArgumentHelp(
            "Sign with a key, in base64, and verify replies. Others on this machine can see it.",
            valueName: "[hmac:]name:secret")) var tsig: String?
    @Option(
        name: .both("tsig-file", "k"),
        help: ArgumentHelp("The same with the key in a file, as tsig-keygen makes it.", valueName: "file"))
    var tsigFile: String?
    @Option(name: .customLong("bufsize"), help: ArgumentHelp("The largest UDP answer (1232).", valueName: "octets"))
    var payloadSize: UInt16?
    @Flag(name: .customLong("no-edns"), help: "Ask without EDNS.") var noEDNS = false
    @Option(help: ArgumentHelp("The version of EDNS (0).", valueName: "number")) var ednsVersion: UInt8?
    @Option(help: ArgumentHelp("The flags of EDNS beside DO.", valueName: "number")) var ednsFlags: UInt16?
    @Option(help: ArgumentHelp("An EDNS option, its data in hexadecimal.", valueName: "code[:hex]"))
    var ednsOption: [String] = []
    @Flag(help: "Ask the server for its identifier (NSID).") var nsid = false
    @Option(help: ArgumentHelp("Send a DNS cookie of 8, or 16 to 40 octets.", valueName: "hex")) var cookie: String?
    @Flag(help: "Send no cookie.") var noCookie = false
    @Option(help: ArgumentHelp("Name a client's network: 192.0.2.0/24.", valueName: "network")) var subnet: String?
    @Option(help: ArgumentHelp("The id of the query (by chance).", valueName: "number")) var id: UInt16?
    @Option(help: ArgumentHelp("Pad the query to a multiple of so many octets.", valueName: "octets"))
    var padding: Int?

    // MARK: How it is shown

    @Flag(exclusivity: .chooseLast) var format = Format.full
    @OptionGroup var shown: Shown
    @Flag(help: "No colour, not even on a terminal.") var noColor = false

    @OptionGroup var bulk: BulkOptions
}

extension Lookup {
    /// What fits a screen of 24 lines.
    static let screen = """
        resolve [@server[:port]] name [type ...] [options], in any order

          resolve www.example.test              its IPv4 addresses
          resolve example.test mx txt           several types, several names
          resolve 192.0.2.80                    the names of an address
          resolve @127.0.0.1:5353 example.test  ask this server
          resolve mx. a                         a name that reads like a type

        --short            the values only         --json    a JSON object a line
        --zone             zone-file text          --wire    octet by octet; --raw: hex
        --trace            step by step from the root, or from @server
        --diff             ask each @server, show where they differ
        --axfr ZONE, --ixfr SERIAL ZONE            a zone, or what changed in it
        --bulk             very many names from a file
        --expect VALUE     exit with 5 unless it is among the values
        --wait 30s         ask again until it is as expected
        --tcp   --dnssec   --no-recurse   --nsid   --search   dig's +short, +tcp ...
        --timeout SECONDS  for each reply (2); --tries N (3); --deadline SECONDS (10)
        --help-all         all options; man resolve

        \(ExitStatus.help)
        """
}
