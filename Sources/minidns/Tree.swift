import ArgumentParser
import DNS
import DNSServer

/// `minidns tree`: the hierarchy that zone files make.
struct Tree: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the hierarchy of the zones: names, cuts, wildcards, aliases.", discussion: ExitStatus.help)

    @Argument(
        help: ArgumentHelp(
            "Zone files or directories, as for serve (default: \(ZoneOptions.defaultPath)).", valueName: "path"))
    var paths: [String] = []

    @Option(help: "Names shown below each name: the first ones of the files.") var names = 20
    @Option(help: "Labels shown below each zone's apex.") var depth = 8
    @Flag(help: "Print the drawing for Graphviz: minidns tree --dot | dot -Tsvg > zones.svg") var dot = false

    private static let largestNumber = 1_000_000

    func validate() throws {
        try require("--names", names, in: 1...Self.largestNumber)
        try require("--depth", depth, in: 1...Self.largestNumber)
    }

    func run() throws {
        let loading = try ZoneDirectory.read(paths)
        let tree = ZoneTree(of: loading.reports.compactMap(\.zone), depth: depth, children: names)
        var output = Output()
        if dot { print(dot: tree, to: &output) } else { print(tree, to: &output) }
        output.flush()
        if !loading.isComplete { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }
}

// MARK: Text

extension Tree {
    private func print(_ tree: ZoneTree, to output: inout Output) {
        tree.visit { item, _, isLast in
            let indent = isLast.dropLast().map { $0 ? "    " : "│   " }.joined()
            let branch = indent + (isLast.last.map { $0 ? "└── " : "├── " } ?? "")
            switch item {
            case .omitted(let count): output.print(branch + output.painted(Self.more(count), .faint))
            case .name(let node):
                let isWhole = node.zone != nil || node.name.isRoot
                let label = output.painted(isWhole ? "\(node.name)" : node.label, isWhole ? .strong : .plain)
                let words = node.words.joined(separator: ", ")
                let paint: Output.Paint = node.servers.isEmpty ? .faint : .changed
                output.print(branch + label + (words.isEmpty ? "" : "  " + output.painted(words, paint)))
            }
        }
    }
}

extension ZoneTree.Node {
    /// The first label in presentation form.
    fileprivate var label: String {
        guard let label = name.labels.first, let alone = Name.root.prepending(label) else { return "." }
        return String("\(alone)".dropLast())
    }

    /// What there is to say about it.
    fileprivate var words: [String] {
        var words: [String] = []
        if let zone { words.append("zone, serial \(zone.serial.value), \(zone.recordCount) records") }
        if !servers.isEmpty { words.append("cut: NS \(servers.map(\.description).joined(separator: " "))") }
        if name.isWildcard { words.append("wildcard") }
        if isEmptyNonTerminal { words.append("empty non-terminal") }
        if let alias { words.append("alias of \(alias)") }
        if let redirection { words.append("names below are those of \(redirection)") }
        // What was said already, and what every zone has.
        let told: [RecordType] = [.cname, .dname, .soa, .ns]
        let types = types.filter { !told.contains($0) }
        if !types.isEmpty { words.append(types.map(\.description).joined(separator: " ")) }
        if hiddenCount > 0 { words.append("\(hiddenCount) hidden below") }
        return words
    }
}

// MARK: Graphviz

extension Tree {
    private static func more(_ count: Int) -> String { "… and \(plural(count, "more name"))" }

    private func print(dot tree: ZoneTree, to output: inout Output) {
        output.print("digraph zones {")
        output.print("  rankdir=LR; node [shape=plaintext];")
        var aliases: [(Name, Name)] = []
        tree.visit { item, parent, _ in
            let identifier: String
            switch item {
            case .omitted(let count):
                identifier = "\"\(count) more below \(parent.map { Self.quoted("\($0.name)") } ?? "")\""
                output.print("  \(identifier) [label=\"\(Self.more(count))\"];")
            case .name(let node):
                identifier = Self.identifier(node.name)
                let shape = node.zone != nil ? ", shape=box" : node.servers.isEmpty ? "" : ", shape=box, style=dashed"
                let lines = (["\(node.name)"] + node.words).map(Self.quoted).joined(separator: "\\n")
                output.print("  \(identifier) [label=\"\(lines)\"\(shape)];")
                for target in [node.alias, node.redirection].compactMap({ $0 }) { aliases.append((node.name, target)) }
            }
            if let parent { output.print("  \(Self.identifier(parent.name)) -> \(identifier);") }
        }
        for (name, target) in aliases {
            output.print("  \(Self.identifier(name)) -> \(Self.identifier(target)) [style=dotted, constraint=false];")
        }
        output.print("}")
    }

    private static func identifier(_ name: Name) -> String { "\"\(quoted("\(name.lowercased)"))\"" }

    private static func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
