import ArgumentParser

/// Options of `resolve --bulk`.
struct BulkOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Look up the names of a file, or of standard input: lines of a name and its types. Prints JSON lines."))
    var bulk = false

    @Flag(help: "Print results of --bulk as they come instead of in the order of the lines.")
    var asTheyCome = false

    @Option(help: ArgumentHelp("Pass over the first lines of --bulk's input.", valueName: "lines"))
    var skip: Int = 0
}
