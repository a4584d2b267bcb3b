import CountersignConfiguration
import CountersignControl
import CountersignTelemetry

/// How an authority serves the control plane of routers.
struct ControlPlaneOptions: Sendable {
    /// The file of its database.
    var path: String
    /// Whether a new one is made where there is none.
    var create: Bool
    var settings: ControlSettings
}

extension ControlPlaneOptions {
    /// The options from the configuration file.
    init(_ section: ControlPlaneSection) {
        var settings = ControlSettings(now: { WallClock.nanoseconds() / 1_000_000_000 })
        settings.isBilateral = section.isBilateral
        settings.maximumOptionsSize = section.maximumRouteOptionsSize
        self.init(path: section.path, create: section.create, settings: settings)
    }
}
