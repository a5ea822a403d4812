public import Foundation

/// Where the data of tests stands, found from this file, so that no target needs a bundle.
public enum TestData {
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The files of a folder below Tests whose names end in `suffix`, by name.
    public static func files(in folder: String, suffix: String) throws -> [URL] {
        let url = root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path())
            .filter { $0.hasSuffix(suffix) }.sorted().map { url.appending(path: $0) }
    }

    /// What the fuzzer keeps of a target: inputs, each a line in base 64, behind the name of a finding where it is one.
    public static func corpus(_ target: String) throws -> [(line: Int, octets: [UInt8])] {
        let text = try String(contentsOf: root.appending(path: "../Fuzz/Corpora/\(target)"), encoding: .utf8)
        return try text.split(separator: "\n").enumerated().map { index, line in
            guard let data = line.split(separator: " ").last.flatMap({ Data(base64Encoded: String($0)) }) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return (index + 1, [UInt8](data))
        }
    }
}
