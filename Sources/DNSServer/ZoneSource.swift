public import DNS
import Linux

/// A zone file and the name of the zone that it defines.
public struct ZoneSource: Hashable, Sendable {
    public let path: String
    public let origin: Name

    public init(path: String, origin: Name) {
        self.path = path
        self.origin = origin
    }

    /// A zone has one file, as a rule, and its name is shorter than the path.
    public func hash(into hasher: inout Hasher) { hasher.combine(origin) }
}

/// A file or directory that could not be taken as the user gave it.
public struct ZonePathError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let message: String
    /// Nothing is there.
    public let isMissing: Bool

    public var description: String { "\(path): \(message)" }
}

/// Where zones are found: a zone file, `ORIGIN=FILE`, or a directory of `NAME.zone` files.
public struct ZonePath: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    static let suffix = ".zone"
    /// The root's name without its dots is empty, so its file is named in a word.
    private static let rootFile = "root"

    public init(_ text: String) {
        description = text
    }

    /// The error of a path where nothing is; nil where something is.
    public var missing: ZonePathError? {
        guard case .failure(let failure) = kind(description), failure.isMissing else { return nil }
        guard let path = namedFile else { return failure }
        if case .failure(let failure) = kind(path) { return failure }
        return nil
    }

    /// PATH of ORIGIN=PATH.
    private var namedFile: String? {
        description.firstIndex(of: "=").map { String(description[description.index(after: $0)...]) }
    }

    /// The zone files that are there now. What is no zone file in a directory is passed over; a file
    /// whose name is no domain name is an error that leaves the others alone.
    public func sources() -> (sources: [ZoneSource], errors: [ZonePathError]) {
        switch kind(description) {
        case .success(.directory): return directorySources()
        case .success(.regular): return single(description, origin: Self.origin(ofFile: Self.fileName(description)))
        case .success(.other): return ([], [error("neither a regular file nor a directory")])
        case .failure(let failure):
            // ORIGIN=PATH, where no file has the whole text as its name.
            guard let path = namedFile else { return ([], [failure]) }
            switch kind(path) {
            case .success(.regular): return single(path, origin: String(description.dropLast(path.count + 1)))
            case .success: return ([], [error("not a regular file", path)])
            case .failure(let failure): return ([], [failure])
            }
        }
    }

    private func directorySources() -> (sources: [ZoneSource], errors: [ZonePathError]) {
        var sources: [ZoneSource] = []
        var errors: [ZonePathError] = []
        do throws(SystemError) {
            // What cannot be looked up fails when it is read.
            for name in try File.names(in: description, directories: false) where Self.isZoneFile(name) {
                switch source(named: name) {
                case .success(let source): sources.append(source)
                case .failure(let failure): errors.append(failure)
                }
            }
        } catch {
            errors.append(self.error(error.message))
        }
        return (sources, errors)
    }

    /// The zone of a file in the directory, whether it is there or not.
    func source(named name: String) -> Result<ZoneSource, ZonePathError> {
        source(description.hasSuffix("/") ? description + name : "\(description)/\(name)", Self.origin(ofFile: name))
    }

    /// Whether what was found here before stays, though it is not found now: the place itself cannot be seen, a directory,
    /// or where a file was. It is more likely away for a moment than emptied.
    func keeps(_ source: ZoneSource, after errors: [ZonePathError]) -> Bool {
        guard let error = errors.first(where: { $0.path == description || $0.path == namedFile }) else { return false }
        if source.path == error.path { return !error.isMissing || kind(File.parent(of: error.path)).isFailure }
        return source.path.hasPrefix(error.path.hasSuffix("/") ? error.path : error.path + "/")
    }

    /// Whether what is there could be a zone file. What cannot be looked up fails when it is read.
    static func isFile(_ path: String) -> Bool {
        (try? File.status(path, followsLinks: false)) != nil && (try? File.kind(path)) != .directory
    }

    /// Whether it is a directory now.
    var isDirectory: Bool {
        if case .success(.directory) = kind(description) { true } else { false }
    }

    /// What is to be watched: the file or directory that it means.
    var place: String {
        if case .failure = kind(description), let namedFile { return namedFile }
        return description
    }

    private static func origin(ofFile name: String) -> String {
        let stem = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        return stem == rootFile ? "." : stem
    }

    private func single(_ path: String, origin: String) -> (sources: [ZoneSource], errors: [ZonePathError]) {
        switch source(path, origin) {
        case .success(let source): ([source], [])
        case .failure(let failure): ([], [failure])
        }
    }

    private func source(_ path: String, _ origin: String) -> Result<ZoneSource, ZonePathError> {
        guard let origin = try? Name(origin) else {
            return .failure(error("\(origin) is not a domain name; use ORIGIN=PATH to give one", path))
        }
        return .success(ZoneSource(path: path, origin: origin))
    }

    static func isZoneFile(_ name: String) -> Bool {
        name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count && name.first != "." && name.first != "#"
    }

    private static func fileName(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    private func kind(_ path: String) -> Result<File.Kind, ZonePathError> {
        do throws(SystemError) {
            return .success(try File.kind(path))
        } catch {
            return .failure(ZonePathError(path: path, message: error.message, isMissing: error.isMissing))
        }
    }

    private func error(_ message: String, _ path: String? = nil) -> ZonePathError {
        ZonePathError(path: path ?? description, message: message, isMissing: false)
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
