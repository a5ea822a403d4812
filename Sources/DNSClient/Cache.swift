import DNS
import Synchronization

/// Answers and absences for as long as they hold (RFC 1034 §5.3.1, RFC 2308), in bounded memory. Resolvers may share
/// one: whose servers and clock differ should not.
///
///     let resolver = try Resolver(cache: Cache())
public final class Cache: Sendable {
    /// What is asked, and all about the query that changes the answer.
    struct Key: Hashable, Sendable {
        var question: Question
        let flags: [Bool]

        /// Nil where the answer is not one to keep.
        init?(_ question: Question, _ options: QueryOptions) {
            // Not OPT, and none of those that ask for something else than data (RFC 6895 §3.1).
            let type = question.type.rawValue
            let isData = type != 0 && type != RecordType.opt.rawValue && !(128...255).contains(type)
            guard options.usesCache, isData, options.opcode == .query, options.otherFlags == 0,
                options.edns?.options.isEmpty != false, options.transport != .udp
            else { return nil }
            self.question = question
            flags = [
                options.recursionDesired, options.authenticData, options.checkingDisabled,
                options.edns?.dnssecOK == true,
            ]
        }

        /// The key of a name that does not exist, whatever the type (RFC 2308 §5).
        func absence(of name: Name) -> Key {
            var key = self
            key.question.name = name
            key.question.type = RecordType(rawValue: 0)
            return key
        }
    }

    fileprivate struct Entry {
        let key: Key
        let reply: Reply
        let stored: Int
        let expiry: Int
        let size: Int
        /// Since the clock's hand passed.
        var isUsed = false
    }

    fileprivate struct State {
        var places: [Key: Int] = [:]
        var entries: [Entry] = []
        var size = 0
        var hand = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: about how many octets of memory it takes at most.
    public init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    /// How many answers and absences there are.
    public var count: Int { state.withLock { $0.entries.count } }

    public func removeAll() {
        state.withLock { $0 = State() }
    }

    /// What is known, its TTLs less the time since. Below a name that does not exist there is none (RFC 8020).
    func reply(to question: Question, _ key: Key, now: Int) -> Reply? {
        state.withLock { state in
            if let entry = state.entry(key, now) { return entry.reply(to: question, now) }
            var name = question.name
            while !name.isRoot {
                if let entry = state.entry(key.absence(of: name), now) { return entry.reply(to: question, now) }
                name = name.parent
            }
            return nil
        }
    }

    /// Keeps a reply where it says how long it holds.
    func store(_ reply: Reply, _ key: Key, now: Int) {
        guard let seconds = reply.message.lifetime(to: key.question) else { return }
        let isAbsence = reply.responseCode == .nameError && reply.message.answer.isEmpty
        let entry = Entry(
            key: isAbsence ? key.absence(of: key.question.name) : key, reply: reply, stored: now,
            // A message as records and names takes a multiple of its octets.
            expiry: now + seconds * 1_000_000_000, size: 1_024 + 6 * reply.size)
        guard entry.size <= limit else { return }
        state.withLock { state in
            if let place = state.places[entry.key] { state.remove(place) }
            while state.size + entry.size > limit { state.evict(now) }
            state.append(entry)
        }
    }
}

extension Cache.State {
    fileprivate mutating func entry(_ key: Cache.Key, _ now: Int) -> Cache.Entry? {
        guard let place = places[key] else { return nil }
        guard entries[place].expiry > now else {
            remove(place)
            return nil
        }
        entries[place].isUsed = true
        return entries[place]
    }

    fileprivate mutating func append(_ entry: Cache.Entry) {
        places[entry.key] = entries.count
        entries.append(entry)
        size += entry.size
    }

    /// The last entry takes the place of the one that goes.
    fileprivate mutating func remove(_ place: Int) {
        size -= entries[place].size
        places[entries[place].key] = nil
        let last = entries.removeLast()
        guard place < entries.count else { return }
        entries[place] = last
        places[last.key] = place
    }

    /// Removes one that was not used since the hand passed it last.
    fileprivate mutating func evict(_ now: Int) {
        while true {
            if hand >= entries.count { hand = 0 }
            guard entries[hand].isUsed, entries[hand].expiry > now else { return remove(hand) }
            entries[hand].isUsed = false
            hand += 1
        }
    }
}

extension Cache.Entry {
    fileprivate func reply(to question: Question, _ now: Int) -> Reply {
        var reply = reply.asked(question)
        reply.source = .cache
        let age = UInt32(max(0, now - stored) / 1_000_000_000)
        func aged(_ records: [Record]) -> [Record] {
            records.map { record in
                var record = record
                record.ttl = TTL(record.ttl.seconds - min(age, record.ttl.seconds))
                return record
            }
        }
        reply.message.answer = aged(reply.message.answer)
        reply.message.authority = aged(reply.message.authority)
        reply.message.additional = aged(reply.message.additional)
        return reply
    }
}

extension Message {
    /// For how many seconds it may be kept; nil where it may not.
    fileprivate func lifetime(to question: Question) -> Int? {
        guard questions == [question], !header.isTruncated else { return nil }
        guard header.responseCode == .noError || header.responseCode == .nameError else { return nil }
        var seconds = answer.map { Int($0.ttl.seconds) }.min() ?? Limits.cachedSeconds
        if header.responseCode == .nameError || !answer.contains(where: { $0.type == question.type }) {
            // An absence holds as long as its SOA says (RFC 2308 §5), and not at all without.
            guard let record = authority.first(where: { $0.type == .soa }), let soa = SOA(record.data) else {
                return nil
            }
            seconds = min(seconds, Int(min(record.ttl.seconds, soa.minimum)), Limits.absentSeconds)
        }
        return seconds > 0 ? min(seconds, Limits.cachedSeconds) : nil
    }
}

extension Reply {
    /// The reply to the same question with its name in another case, or to another name that it holds for.
    func asked(_ question: Question) -> Reply {
        var reply = self
        if !message.questions.isEmpty { reply.message.questions = [question] }
        for index in message.answer.indices where message.answer[index].owner == question.name {
            reply.message.answer[index].owner = question.name
        }
        return reply
    }
}
