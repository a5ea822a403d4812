/// The hierarchy that zones make: labels, zones, cuts, wildcards, empty non-terminals and aliases, shortened where it
/// is large.
///
///     ZoneTree(of: zones, depth: 8, children: 20).visit { item, parent, isLast in … }
public struct ZoneTree: Sendable {
    /// A name.
    public struct Node: Sendable {
        public let name: Name
        /// Set where it is the apex of a zone.
        public fileprivate(set) var zone: CompiledZone?
        /// It is delegated: to these servers.
        public fileprivate(set) var servers: [Name] = []
        /// What its CNAME or its DNAME record says.
        public fileprivate(set) var alias: Name?
        public fileprivate(set) var redirection: Name?
        /// Types of its records: none at an empty non-terminal.
        public fileprivate(set) var types: [RecordType] = []
        /// Whether it exists in a zone; otherwise it is only on the way to one.
        public fileprivate(set) var exists = false
        fileprivate var omittedCount = 0
        /// Names below it that no question finds: below a cut, or owners of NSEC3 records.
        public fileprivate(set) var hiddenCount = 0
        fileprivate var children: [Int] = []

        public var isEmptyNonTerminal: Bool { exists && types.isEmpty }
    }

    private let depth: Int
    private let childLimit: Int
    private var nodes = [Node(name: .root)]
    private var numbers: [Name: Int] = [.root: 0]

    /// - Parameter depth: Labels of the longest names in it, counted from the apex of their zone.
    /// - Parameter children: The most names below each name that are in it: zones, then the first ones of the files.
    public init(of zones: [CompiledZone], depth: Int, children: Int) {
        self.depth = depth
        childLimit = children
        let apexes = zones.sorted { $0.origin < $1.origin }.map { ($0, number(of: $0.origin, below: 0, from: 1)) }
        for case (let zone, let apex?) in apexes { add(zone, apex) }
    }

    private mutating func add(_ zone: CompiledZone, _ apex: Int) {
        nodes[apex].zone = zone
        let region = zone.region
        let view = ZoneView(region.octets, zone.layout)
        // Hidden names last: by then it is known what hides them.
        view.forEachEntry(isHidden: false) { add($0, view, apex) }
        view.forEachEntry(isHidden: true) { entry in
            nodes[deepest(above: view.owner(of: entry), from: apex)].hiddenCount += 1
        }
    }

    /// What is visited.
    public enum Item: Sendable {
        case name(Node)
        /// Names below the parent that are not in the tree.
        case omitted(count: Int)
    }

    /// All names from the root down, those below each in canonical order.
    ///
    /// - Parameter body: Gets a name, its parent, and for each level whether what is there is the last below its parent.
    public func visit(_ body: (_ item: Item, _ parent: Node?, _ isLast: [Bool]) -> Void) {
        visit(0, nil, [], body)
    }

    private func visit(
        _ number: Int, _ parent: Node?, _ isLast: [Bool], _ body: (Item, Node?, [Bool]) -> Void
    ) {
        let node = nodes[number]
        body(.name(node), parent, isLast)
        let children = node.children.sorted { nodes[$0].name < nodes[$1].name }
        for child in children { visit(child, node, isLast + [child == children.last && node.omittedCount == 0], body) }
        if node.omittedCount > 0 { body(.omitted(count: node.omittedCount), node, isLast + [true]) }
    }

    // MARK: Adding

    private mutating func add(_ entry: ZoneView.Entry, _ view: ZoneView, _ apex: Int) {
        let name = view.owner(of: entry)
        let labels = Int(view.layout.originLabels)
        guard let number = number(of: name, below: apex, from: labels + 1) else { return }
        nodes[number].exists = true
        for index in 0..<entry.setCount {
            let (type, block) = view.set(index, of: entry)
            if block.recordCount > 0, !nodes[number].types.contains(type) { nodes[number].types.append(type) }
            switch type {
            case .cname: nodes[number].alias = names(view.records(index, of: entry)).first
            case .dname: nodes[number].redirection = names(view.records(index, of: entry)).first
            case .ns where view.isReferral(type, entry): nodes[number].servers = names(view.records(index, of: entry))
            default: continue
            }
        }
    }

    private func names(_ records: [Record]) -> [Name] { records.compactMap { try? Name(wire: $0.data.octets.span) } }

    /// The number of a name below a node, made where there is room for it; names above it are made with it.
    ///
    /// - Parameter labels: Of the first name below the node.
    private mutating func number(of name: Name, below start: Int, from labels: Int) -> Int? {
        var parent = start
        let count = name.labelCount
        guard labels <= count else { return start }
        for labels in labels...count {
            let suffix = labels == count ? name : name.suffix(labels: labels)
            if let known = numbers[suffix] {
                parent = known
                continue
            }
            let isTooDeep = start > 0 && labels - nodes[start].name.labelCount > depth
            guard !isTooDeep, nodes[parent].children.count < childLimit else {
                nodes[parent].omittedCount += 1
                return nil
            }
            numbers[suffix] = nodes.count
            nodes[parent].children.append(nodes.count)
            parent = nodes.count
            nodes.append(Node(name: suffix))
        }
        return parent
    }

    /// The longest name above or at a name that is in the tree.
    private func deepest(above name: Name, from apex: Int) -> Int {
        var name = name
        while name.count > nodes[apex].name.count {
            name = name.parent
            if let number = numbers[name] { return number }
        }
        return apex
    }
}
