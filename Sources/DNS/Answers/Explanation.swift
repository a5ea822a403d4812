/// Why the server answers a question as it does: what it finds from the root down, alias by alias. It looks up as
/// `Responder` does, with the same database, and says what `Responder` says over TCP.
///
///     let explanation = Explanation(of: question, in: database)
///     for step in explanation.steps { print(step.name, step.finding) }
public struct Explanation: Sendable {
    /// What was found out about one name.
    public struct Step: Sendable, Hashable {
        public let name: Name
        public let finding: Finding
        /// The records that decided it; nil where it is their absence.
        public let reason: Reason?
    }

    public enum Finding: Sendable, Hashable {
        // From the root down:
        /// No zone of this name is served.
        case notServed
        /// A zone of this name is served, and a more specific one answers.
        case lessSpecificZone
        /// The zone that answers.
        case zone
        /// The zone has no version that can be served.
        case unavailableZone
        /// The zone above is asked for the DS records of its child (RFC 4035 §3.1.4.1).
        case parentZone
        /// Has records of these types.
        case exists([RecordType])
        /// Exists because a name below it does (RFC 4592 §2.2.2).
        case emptyNonTerminal
        /// Delegated; what is below is another server's.
        case zoneCut
        /// Has a DNAME record: names below it are others' (RFC 6672).
        case redirection
        case missing
        // What follows from that:
        /// The source of synthesis at the closest encloser (RFC 4592 §3.3.1).
        case wildcard(encloser: Name)
        /// The records of the type are the answer; of ANY and RRSIG what there is.
        case answer
        /// The alias is followed.
        case alias(to: Name)
        /// The alias leads out of the zone: whoever asked goes on there.
        case aliasElsewhere(to: Name)
        /// The alias was followed already, or is one too many.
        case aliasLoop
        /// The DNAME record makes a name of over 255 octets.
        case nameTooLong
        case referral
        /// The name exists, or a wildcard stands for it, without the type.
        case noData
        /// Neither the name exists nor a wildcard at its closest encloser.
        case nameError(encloser: Name)
        /// No zone encloses the name.
        case refused
        /// The type asks for no data.
        case notImplemented
    }

    /// Records of a zone.
    public struct Reason: Sendable, Hashable {
        public let zone: Name
        public let owner: Name
        /// Nil: of whatever type.
        public let type: RecordType?
        /// Records of names below the owner, which has none.
        public var isBelow = false
    }

    public let question: Question
    public private(set) var steps: [Step] = []
    public private(set) var responseCode = ResponseCode.noError
    public private(set) var isAuthoritative = false
    /// Of the zone that answers.
    private var origin = Name.root

    /// Explains the answer to a question of class IN; AXFR and IXFR count as types that ask for no data.
    public init(of question: Question, in database: Database) {
        self.question = question
        find(in: database)
    }

    private mutating func find(in database: Database) {
        var name = LookupName()
        _ = name.load(question.name.wire, seed: database.seed)
        switch question.type {
        case .opt, .tkey, .tsig, .mailb, .maila, .axfr, .ixfr:
            responseCode = .notImplemented
            return add(question.name, .notImplemented)
        default: break
        }
        guard let place = zone(for: name, in: database) else {
            responseCode = .refused
            return add(question.name, .refused)
        }
        guard place.isAvailable else {
            responseCode = .serverFailure
            return
        }
        isAuthoritative = true
        let zone = ZoneView(database.octets(of: place), place.layout)
        origin = zone.owner(of: zone.apex)
        answer(&name, from: zone, seed: database.seed)
    }

    private mutating func add(_ name: Name, _ finding: Finding, _ reason: Reason? = nil) {
        steps.append(Step(name: name, finding: finding, reason: reason))
    }

    private func records(_ type: RecordType?, at owner: Name, isBelow: Bool = false) -> Reason {
        Reason(zone: origin, owner: owner, type: type, isBelow: isBelow)
    }
}

// MARK: The zone

extension Explanation {
    /// The zone that answers, and a step for each name down to its apex.
    private mutating func zone(for name: borrowing LookupName, in database: Database) -> ZonePlace? {
        var found = database.zone(enclosing: name, labels: name.labelCount)
        var isParent = false
        if question.type == .ds, name.labelCount > 0, let child = found,
            Int(child.layout.originLabels) == name.labelCount,
            let parent = database.zone(enclosing: name, labels: name.labelCount - 1), answersDS(parent, name, database)
        {
            found = parent
            isParent = true
        }
        let last = found.map { Int($0.layout.originLabels) } ?? name.labelCount
        for labels in 0...last {
            let suffix = question.name.suffix(labels: labels)
            guard let place = database.zone(enclosing: name, labels: labels), Int(place.layout.originLabels) == labels
            else {
                add(suffix, .notServed)
                continue
            }
            origin = suffix
            let reason = place.isAvailable ? records(.soa, at: suffix) : nil
            let answering: Finding = !place.isAvailable ? .unavailableZone : isParent ? .parentZone : .zone
            add(suffix, labels < last ? .lessSpecificZone : answering, reason)
        }
        return found
    }

    /// Whether the zone above answers for DS; not where it delegates a name above the child's.
    private func answersDS(_ place: ZonePlace, _ name: borrowing LookupName, _ database: Database) -> Bool {
        guard place.isAvailable else { return true }
        if case .referral = ZoneView(database.octets(of: place), place.layout).lookup(name, .ds) { return false }
        return true
    }
}

// MARK: The name

extension Explanation {
    /// As `Responder.answer`.
    private mutating func answer(_ name: inout LookupName, from zone: ZoneView, seed: UInt64) {
        var chain = AliasChain()
        var current = question.name
        while true {
            addNames(of: name, current, in: zone)
            var next: Name?
            switch zone.lookup(name, question.type) {
            case .answer(_, let match), .signatures(let match):
                return conclude(.answer, current, match, question.type, zone)
            case .everything(let match):
                // NSEC records and signatures alone are nothing to who does not ask for DNSSEC.
                let isAnything = zone.types(of: match.entry).contains { $0 != .nsec }
                return conclude(isAnything ? .answer : .noData, current, match, nil, zone)
            case .noData(let match):
                return conclude(.noData, current, match, nil, zone)
            case .nameError(_, let labels):
                responseCode = .nameError
                return add(current, .nameError(encloser: current.suffix(labels: labels)))
            case .referral(_, let labels):
                isAuthoritative = chain.count > 0
                let cut = current.suffix(labels: labels)
                return add(cut, .referral, records(.ns, at: cut))
            case .alias(_, let match):
                guard chain.add(name) else { return add(current, .aliasLoop) }
                next = zone.target(.cname, of: match.entry)
                guard let next else { return }
                conclude(finding(next), current, match, .cname, zone)
            case .redirection(_, let labels):
                guard chain.add(name) else { return add(current, .aliasLoop) }
                let owner = current.suffix(labels: labels)
                let suffix = zone.existingEntry(labels, of: name).flatMap { zone.target(.dname, of: $0) }
                next = suffix.flatMap { current.replacingSuffix(owner, with: $0) }
                if next == nil { responseCode = .nameExists }
                add(current, next.map(finding) ?? .nameTooLong, records(.dname, at: owner))
                // The CNAME record that the DNAME record means is itself the answer.
                if question.type == .cname || question.type == .any { return }
            }
            guard let next, next.isSubdomain(of: origin), name.load(next.wire, seed: seed) == nil else { return }
            current = next
        }
    }

    private func finding(_ target: Name) -> Finding {
        target.isSubdomain(of: origin) ? .alias(to: target) : .aliasElsewhere(to: target)
    }

    /// A step for each name below the apex, down to the one looked up or to what keeps from looking further.
    private mutating func addNames(of name: borrowing LookupName, _ current: Name, in zone: ZoneView) {
        for labels in Int(zone.layout.originLabels)...name.labelCount {
            let suffix = current.suffix(labels: labels)
            guard let entry = zone.existingEntry(labels, of: name) else { return add(suffix, .missing) }
            if entry.marks.contains(.zoneCut) { return add(suffix, .zoneCut, records(.ns, at: suffix)) }
            if entry.marks.contains(.hasDNAME), labels < name.labelCount {
                return add(suffix, .redirection, records(.dname, at: suffix))
            }
            // The zone has a step already.
            if entry.nameCount == 0 && labels < name.labelCount { continue }
            let isEmpty = entry.setCount == 0
            let finding: Finding = isEmpty ? .emptyNonTerminal : .exists(zone.types(of: entry))
            add(suffix, finding, records(nil, at: suffix, isBelow: isEmpty))
        }
    }

    /// What the data found means, after the wildcard that it is from.
    private mutating func conclude(
        _ finding: Finding, _ name: Name, _ match: ZoneView.Match, _ type: RecordType?, _ zone: ZoneView
    ) {
        let owner = zone.owner(of: match.entry)
        if match.isSynthesized {
            let isEmpty = match.entry.setCount == 0
            let encloser = name.suffix(labels: match.labels)
            add(owner, .wildcard(encloser: encloser), records(nil, at: owner, isBelow: isEmpty))
        }
        add(name, finding, finding == .noData ? nil : records(type, at: owner))
    }
}

extension ZoneView {
    fileprivate func types(of entry: Entry) -> [RecordType] {
        (0..<entry.setCount).map { set($0, of: entry) }.filter { $0.block.recordCount > 0 }.map(\.type)
    }

    /// The name that a CNAME or DNAME record has.
    fileprivate func target(_ type: RecordType, of entry: Entry) -> Name? {
        let index = (0..<entry.setCount).first { set($0, of: entry).type == type }
        return index.flatMap { records($0, of: entry).first }.flatMap { try? Name(wire: $0.data.octets.span) }
    }
}
