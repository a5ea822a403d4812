public import Linux

/// A directory that is removed with its owner.
public struct TemporaryDirectory: ~Copyable {
    public let path: String

    public init() throws(SystemError) {
        path = "/tmp/minidns-tests-\(String(Machine.randomNumber(), radix: 36))"
        try Self.shell("mkdir \(path)", nil)
    }

    deinit {
        try? Self.shell("chmod -R u+rwx \(path); rm -rf \(path)", nil)
    }

    /// Runs a script in the directory, which must succeed.
    public borrowing func run(_ script: String) throws(SystemError) {
        try Self.shell(script, path)
    }

    /// Writes a file in the directory; gives its path.
    @discardableResult
    public borrowing func write(_ name: String, _ octets: [UInt8]) throws(SystemError) -> String {
        try File.write(octets, to: "\(path)/\(name)")
        return "\(path)/\(name)"
    }

    @discardableResult
    public borrowing func write(_ name: String, _ text: String) throws(SystemError) -> String {
        try write(name, Array(text.utf8))
    }

    private static func shell(_ script: String, _ directory: String?) throws(SystemError) {
        var shell = try ChildProcess("/bin/sh", ["-ec", script], directory: directory)
        guard let ending = shell.wait(milliseconds: 20_000), ending == .exit(0) else {
            throw SystemError("script \(script)", code: -1)
        }
    }
}
