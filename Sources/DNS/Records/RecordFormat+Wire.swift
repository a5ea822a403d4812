extension Field.Kind {
    /// How far a field reaches on the wire.
    enum Extent {
        case fixed(Int)
        /// A length of one or two octets stands first.
        case counted8, counted16
        case name(Field.NameForm)
        /// Names up to the end of the data.
        case names
        case rest
        /// An earlier field asks for something that no RFC defines.
        case unknown
    }

    /// How far the field reaches; `data` is the record's data as far as it is known, all earlier fields at least.
    func extent(after data: Octets) -> Extent {
        switch self {
        case .highBit: .fixed(0)
        case .number(let size), .hyphenated(let size), .count(let size): .fixed(size)
        case .lowBits, .prefixLength: .fixed(1)
        case .recordType: .fixed(2)
        case .seconds, .time, .ipv4: .fixed(4)
        case .locator: .fixed(8)
        case .ipv6: .fixed(16)
        case .mnemonic(let mnemonics): .fixed(mnemonics.size)
        case .name(let form): .name(form)
        case .names: .names
        case .string, .tag, .digits, .decimal, .salt, .hash: .counted8
        case .sizedBase64: .counted16
        case .counted(_, let at, let size): .fixed(at + size <= data.count ? Int(data.number(at, size: size)) : 0)
        case .gateway(let typeAt, let mask): Gateway.extent(type: typeAt < data.count ? data.u8(typeAt) & mask : 0)
        case .addressSuffix: data.count > 0 ? AddressPrefixA6.suffixExtent(data.u8(0)) : .unknown
        case .prefixName: data.count > 0 ? AddressPrefixA6.nameExtent(data.u8(0)) : .unknown
        case .optionalString, .strings, .text, .octets, .dashedBase64, .digest, .typeBitmap, .oldTypeBitmap,
            .location, .addressPrefixes, .services, .serviceParameters, .options, .nsap, .atmAddress, .opaque:
            .rest
        }
    }
}

extension RecordFormat {
    /// Reads record data of `count` octets and appends it, names uncompressed, to `output`, which on an error is
    /// as it was.
    public func decode(
        _ reader: inout WireReader, count: Int, into output: inout [UInt8]
    ) throws(WireError) {
        let start = output.count
        do throws(WireError) {
            try reader.within(count) { reader throws(WireError) in
                for field in fields { try field.decode(&reader, start: start, into: &output) }
            }
            if output.count - start > RecordData.maximumCount { throw .badRecordData }
        } catch {
            output.removeSubrange(start...)
            throw error
        }
    }

    /// Throws unless `octets` are lawful data of the type, uncompressed.
    public func validate(_ octets: Span<UInt8>) throws(WireError) {
        var scratch: [UInt8] = []
        var reader = WireReader(octets, allowsPointers: false)
        try decode(&reader, count: octets.count, into: &scratch)
    }

    /// Writes lawful data, without its length; names are compressed where they may be.
    public func encode(
        _ octets: Span<UInt8>, to writer: inout WireWriter, compressor: inout NameCompressor
    ) throws(WireError) {
        let octets = Octets(octets)
        var cursor = FieldCursor(self, octets)
        while let piece = cursor.next() {
            if case .name(.compressed) = piece.field.kind {
                try writer.append(name: octets.span(piece.offset, piece.count), compressor: &compressor)
            } else {
                try writer.append(octets, piece.offset, piece.count)
            }
        }
    }

    /// Appends the canonical form (RFC 4034 §6.2, RFC 6840 §5.1).
    public func appendCanonical(_ octets: Span<UInt8>, to output: inout [UInt8]) {
        let octets = Octets(octets)
        var cursor = FieldCursor(self, octets)
        while let piece = cursor.next() {
            var folds = false
            if case .name(let form) = piece.field.kind.extent(after: octets) {
                folds = form.isLowercasedInCanonicalForm
            }
            for offset in piece.offset..<(piece.offset + piece.count) {
                output.append(folds ? ASCII.folded(octets.u8(offset)) : octets.u8(offset))
            }
        }
    }

    /// Calls `body` for each name in lawful data: where it stands, and whether it may be compressed.
    public func forEachName(
        in octets: Span<UInt8>, _ body: (_ offset: Int, _ count: Int, _ isCompressible: Bool) -> Void
    ) {
        let octets = Octets(octets)
        var cursor = FieldCursor(self, octets)
        while let piece = cursor.next() {
            switch piece.field.kind.extent(after: octets) {
            case .name(.compressed): body(piece.offset, piece.count, true)
            case .name(.expanded), .name(.lowercased), .name(.exact): body(piece.offset, piece.count, false)
            case .names:
                var offset = piece.offset
                while offset < piece.offset + piece.count {
                    let count = octets.nameCount(at: offset)
                    body(offset, count, false)
                    offset += count
                }
            case .fixed, .counted8, .counted16, .rest, .unknown: break
            }
        }
    }
}

extension Field {
    /// Reads the field up to the reader's end at most and checks what is in it. The data began at `start`.
    fileprivate func decode(
        _ reader: inout WireReader, start: Int, into output: inout [UInt8]
    ) throws(WireError) {
        let extent = kind.extent(after: Octets(output.span.extracting(start...)))
        let offset = output.count
        switch extent {
        case .name(let form):
            return try reader.name(into: &output, allowsPointers: form.allowsPointers)
        case .names:
            while !reader.isAtEnd { try reader.name(into: &output, allowsPointers: false) }
            return
        case .fixed(let count):
            try reader.octets(count, into: &output)
        case .counted8:
            try reader.octets(1 + Int(reader.peek8()), into: &output)
        case .counted16:
            try reader.octets(2 + Int(reader.peek16()), into: &output)
        case .rest:
            try reader.octets(reader.remaining, into: &output)
        case .unknown:
            throw .badRecordData
        }
        let data = Octets(output.span.extracting(start...))
        try check(Octets(data.span(offset - start, output.count - offset)), in: data)
    }

    /// Throws unless the octets that were read for the field are lawful.
    private func check(_ octets: Octets, in data: Octets) throws(WireError) {
        let isLawful: Bool
        switch kind {
        case .number, .seconds, .time, .mnemonic, .recordType, .highBit, .lowBits, .ipv4, .ipv6, .hyphenated, .locator,
            .name, .names, .string, .salt, .sizedBase64, .count, .gateway, .dashedBase64,
            .prefixName, .opaque:
            isLawful = true
        case .text(let minimum), .octets(_, let minimum): isLawful = octets.count >= minimum
        case .prefixLength: isLawful = octets.u8(0) <= 128
        case .optionalString: isLawful = octets.count == 0 || octets.count == Int(octets.u8(0)) + 1
        case .strings: isLawful = octets.areStrings
        case .tag: isLawful = octets.count > 1 && octets.areAll(from: 1, ASCII.isAlphanumeric)
        case .digits: isLawful = octets.count > 1 && octets.areAll(from: 1, ASCII.isDigit)
        case .decimal: isLawful = octets.isDecimal(1..<octets.count)
        case .hash: isLawful = octets.count > 1
        case .counted: isLawful = octets.count > 0
        case .digest(let length, let typeAt): isLawful = length.allows(octets.count, type: data.u8(typeAt))
        case .typeBitmap: isLawful = TypeBitmap.isLawful(octets)
        case .oldTypeBitmap: isLawful = OldTypeBitmap.isLawful(octets)
        case .addressSuffix: isLawful = AddressPrefixA6.isLawful(octets, prefix: data.u8(0))
        case .location: isLawful = Location.isLawful(octets)
        case .addressPrefixes: isLawful = AddressPrefixes.isLawful(octets)
        case .services: isLawful = Services.isLawful(octets)
        case .serviceParameters: isLawful = ServiceParameters.isLawful(octets, priority: data.u16(0))
        case .options: isLawful = Options.isLawful(octets)
        case .nsap: isLawful = octets.count > 0
        case .atmAddress: isLawful = ATMAddress.isLawful(octets)
        }
        if !isLawful { throw .badRecordData }
    }
}

extension WireReader {
    /// The number that comes next, which stays there.
    fileprivate func peek8() throws(WireError) -> UInt8 {
        if remaining < 1 { throw .truncated }
        return octets.u8(offset)
    }

    fileprivate func peek16() throws(WireError) -> UInt16 {
        if remaining < 2 { throw .truncated }
        return octets.u16(offset)
    }
}
