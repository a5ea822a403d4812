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
}
