extension ResponseWriter {
    /// Adds a CNAME record that the context owns (RFC 6672 §3.1): its target is the context without its last `replaced`
    /// octets, followed by the name of `count` octets at `suffix` of the zone. That name may stand in the message already,
    /// at `position`. Returns where the target stands; nil without room.
    @_lifetime(self: copy self)
    mutating func appendAlias(
        replacing replaced: Int, with suffix: Int, count: Int, standingAt position: Int?, of zone: ZoneView, ttl: UInt32
    ) -> Int? {
        let kept = contextCount &- replaced
        let pointer = position.flatMap { $0 < ResponseWriter.pointerLimit ? 0xC000 | UInt16($0) : nil }
        let size = kept &+ (pointer == nil ? count : 2)
        guard writer.hasRoom(12 &+ size) else { return nil }
        let owner = self.pointer(toSuffix: contextCount)
        do throws(WireError) {
            try writer.append(owner)
            try writer.append(RecordType.cname.rawValue)
            try writer.append(RecordClass.internet.rawValue)
            try writer.append(ttl)
            try writer.append(UInt16(truncatingIfNeeded: size))
            try repeatContext(kept)
            if let pointer { try writer.append(pointer) } else { try writer.append(zone.octets, suffix, count) }
        } catch {
            return nil
        }
        add(1, to: .answer)
        return writer.count &- size
    }

    /// Writes the first labels of the context, `count` octets, once more.
    @_lifetime(self: copy self)
    private mutating func repeatContext(_ count: Int) throws(WireError) {
        var position = contextPosition
        var left = count
        while left > 0 {
            let length = Int(writer.buffer.u8(position))
            if length >= 0xC0 {
                position = Int(writer.buffer.u16(position) & 0x3FFF)
                continue
            }
            try writer.repeatOctets(position, length &+ 1)
            position &+= length &+ 1
            left &-= length &+ 1
        }
    }

    /// The answer does not fit: it says so and holds nothing (RFC 2181 §9).
    @_lifetime(self: copy self)
    mutating func truncateAnswer() {
        writer.cut(to: questionEnd)
        counts = (0, 0, 0)
        isTruncated = true
    }

    /// Something behind the answer section does not fit.
    mutating func markTruncated() { isTruncated = true }

    /// Adds a TXT record of class CH that the question's name owns. False where it does not fit.
    @_lifetime(self: copy self)
    mutating func appendText(_ text: Span<UInt8>) -> Bool {
        guard writer.hasRoom(13 &+ text.count) else { return false }
        do throws(WireError) {
            try writer.append(BlockBuilder.ownerPointer)
            try writer.append(RecordType.txt.rawValue)
            try writer.append(RecordClass.chaos.rawValue)
            try writer.append(UInt32(0))
            try writer.append(UInt16(truncatingIfNeeded: text.count &+ 1))
            try writer.append(UInt8(truncatingIfNeeded: text.count))
            try writer.append(text)
        } catch {
            return false
        }
        add(1, to: .answer)
        return true
    }

    /// Adds OPT (RFC 6891) with the options, beyond the limit set so far.
    @_lifetime(self: copy self)
    mutating func appendExtension(
        payloadSize: Int, code: ResponseCode, dnssecOK: Bool, _ options: ReplyOptions, _ identity: [UInt8]
    ) {
        let count = options.count(identityCount: identity.count)
        let start = writer.count
        guard appendExtension(payloadSize: payloadSize, code: code, dnssecOK: dnssecOK, count: count) else { return }
        do throws(WireError) {
            try append(options, identity)
        } catch {
            writer.cut(to: start)
            counts.additional &-= 1
        }
    }

    /// Adds OPT with `count` octets of options to follow. False where it does not fit.
    @_lifetime(self: copy self)
    @discardableResult
    mutating func appendExtension(payloadSize: Int, code: ResponseCode, dnssecOK: Bool, count: Int = 0) -> Bool {
        writer.setLimit(writer.limit &+ ResponseWriter.extensionCount &+ count)
        let start = writer.count
        do throws(WireError) {
            // The root, the type, the size, the code's upper bits, version 0 and the first half of the flags, at once.
            let size = UInt64(UInt16(truncatingIfNeeded: payloadSize))
            let flags = UInt64(dnssecOK ? EDNS.dnssecOKFlag &>> 8 : 0)
            try writer.append(
                UInt64(RecordType.opt.rawValue) &<< 40 | size &<< 24 | UInt64(code.rawValue &>> 4) &<< 16 | flags)
            try writer.append(UInt8(0))
            try writer.append(UInt16(truncatingIfNeeded: count))
        } catch {
            writer.cut(to: start)
            return false
        }
        counts.additional &+= 1
        return true
    }

    @_lifetime(self: copy self)
    private mutating func append(_ options: ReplyOptions, _ identity: [UInt8]) throws(WireError) {
        if options.hasIdentity {
            try appendOption(.nameServerIdentifier, count: identity.count)
            try writer.append(identity.span)
        }
        if let expire = options.expire {
            try appendOption(.expire, count: 4)
            try writer.append(expire)
        }
        if let keepalive = options.keepalive {
            try appendOption(.tcpKeepalive, count: 2)
            try writer.append(keepalive)
        }
        if let error = options.error {
            try appendOption(.extendedError, count: 2)
            try writer.append(error.rawValue)
        }
        if let zone = options.zone {
            // RFC 9660 §2: the zone's labels, the kind of version (0, the SOA serial), the version.
            try appendOption(.zoneVersion, count: 6)
            try writer.append(zone.labels)
            try writer.append(UInt8(0))
            try writer.append(zone.serial.value)
        }
        if let cookie = options.cookie {
            try appendOption(.cookie, count: 24)
            try append(littleEndian: cookie.client)
            try append(littleEndian: cookie.head)
            try append(littleEndian: cookie.hash)
        }
    }

    @_lifetime(self: copy self)
    private mutating func append(littleEndian word: UInt64) throws(WireError) {
        try writer.append(UInt32(truncatingIfNeeded: word).byteSwapped)
        try writer.append(UInt32(truncatingIfNeeded: word &>> 32).byteSwapped)
    }

    @_lifetime(self: copy self)
    private mutating func appendOption(_ code: EDNS.Option.Code, count: Int) throws(WireError) {
        try writer.append(code.rawValue)
        try writer.append(UInt16(truncatingIfNeeded: count))
    }

    /// The octets of an OPT record without options, for which room is kept.
    static let extensionCount = 11

    /// Adds an unsigned TSIG record that says that the key is unknown (RFC 8945 §5.2), if there is room.
    @_lifetime(self: copy self)
    mutating func appendUnknownKey(_ signature: Query.Signature, of query: Octets) {
        let start = writer.count
        do throws(WireError) {
            try appendName(Int(signature.owner), of: query)
            try writer.append(RecordType.tsig.rawValue)
            try writer.append(RecordClass.any.rawValue)
            try writer.append(UInt32(0))
            let length = writer.count
            try writer.append(UInt16(0))
            try appendName(Int(signature.algorithm), of: query)
            try writer.append(query, Int(signature.time), 8)
            try writer.append(UInt16(0))
            try writer.append(query, Int(signature.originalID), 2)
            try writer.append(ResponseCode.badKey.rawValue)
            try writer.append(UInt16(0))
            writer.overwrite(UInt16(truncatingIfNeeded: writer.count &- length &- 2), at: length)
            counts.additional &+= 1
        } catch {
            writer.cut(to: start)
        }
    }

    /// Copies a name of the query, which was found to be well-formed, without its pointers.
    @_lifetime(self: copy self)
    private mutating func appendName(_ start: Int, of query: Octets) throws(WireError) {
        var offset = start
        while true {
            let length = Int(query.u8(offset))
            if length >= 0xC0 {
                offset = Int(query.u16(offset)) & 0x3FFF
                continue
            }
            try writer.append(query, offset, length &+ 1)
            offset &+= length &+ 1
            if length == 0 { return }
        }
    }

    /// Fills the header in; the id stands already.
    @_lifetime(self: copy self)
    mutating func finish(flags: UInt16, code: ResponseCode, isAuthoritative: Bool) -> Int {
        let kept = flags & (Header.Flags.opcode | Header.Flags.recursionDesired | Header.Flags.checkingDisabled)
        let set = Header.Flags.response | (isAuthoritative ? Header.Flags.authoritative : 0)
        writer.overwrite(kept | set | (isTruncated ? Header.Flags.truncated : 0) | code.rawValue & 0xF, at: 2)
        writer.overwrite(questionEnd > Header.count ? 1 : 0, at: 4)
        writer.overwrite(counts.answer, at: 6)
        writer.overwrite(counts.authority, at: 8)
        writer.overwrite(counts.additional, at: 10)
        return writer.count
    }
}
