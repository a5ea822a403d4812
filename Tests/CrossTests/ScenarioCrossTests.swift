#if CrossTests
    import DNS
    import TestSupport
    import Testing

    /// Every reply of the scenarios, read by ldns and by us.
    @Suite struct ScenarioCrossTests {
        static let scenarios = Result { try Scenario.all() }

        @Test func scenariosAreThere() throws {
            #expect(try Self.scenarios.get().flatMap(\.groups).map(\.steps.count).reduce(0, +) >= 1000)
        }

        @Test(arguments: (try? scenarios.get()) ?? [])
        func saysTheSame(_ scenario: Scenario) throws {
            for group in scenario.groups {
                let database = try group.database()
                for step in group.steps {
                    for transport in step.transports {
                        guard
                            let reply = respond(to: step.query, over: transport, from: database, scenario.options)
                        else { continue }
                        let message = try Message(decoding: reply.span)
                        do {
                            let packet = try LDNS.packet(from: reply)
                            for difference in packet.differences(from: LDNS.Packet(message)) {
                                Issue.record("\(step.place) over \(transport): \(difference)")
                            }
                        } catch {
                            Issue.record("\(step.place) over \(transport): ldns refuses it: \(error): \(reply.hex)")
                        }
                    }
                }
            }
        }
    }
#endif
