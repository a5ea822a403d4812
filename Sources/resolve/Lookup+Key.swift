import DNSSecurity
import Linux

extension Lookup {
    /// Octets of a key file.
    private static let keyFileLimit = 1 << 16

    /// The key that queries are signed with, if there is one.
    func key() throws(Failure) -> TSIGKey? {
        guard tsig == nil || tsigFile == nil else { throw .usage("--tsig and --tsig-file are both for one key") }
        let file = try tsigFile.map { path throws(Failure) in try Self.text(of: path) }
        do throws(TSIGKeyError) {
            if let file { return try TSIGKey(file: file) }
            return try tsig.map { text throws(TSIGKeyError) in try TSIGKey(text) }
        } catch {
            throw .usage("\(tsigFile ?? "--tsig"): \(error)")
        }
    }

    private static func text(of path: String) throws(Failure) -> String {
        do throws(SystemError) {
            return String(decoding: try File.read(path, limit: keyFileLimit).octets, as: UTF8.self)
        } catch {
            throw Failure(status: .localFailure, message: "\(error)")
        }
    }
}
