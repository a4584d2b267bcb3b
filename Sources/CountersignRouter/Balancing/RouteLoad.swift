/// How many requests of a route one worker's endpoints have to answer; the routes that take the place share it.
final class RouteLoad {
    var count = 0
}
