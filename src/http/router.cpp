#include <sportello/http/router.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sportello::http {
namespace {

constexpr std::size_t method_count = 7;

/// "a/b/c" -> "a", rest becomes "b/c"; at the last segment `more` becomes false.
std::string_view next_segment(std::string_view& rest, bool& more)
{
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    more = slash != std::string_view::npos;
    rest.remove_prefix(more ? slash + 1 : rest.size());
    return segment;
}

bool is_parameter(std::string_view segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

} // namespace

/// One place in the tree of segments. Requests walk it without allocating but for what they find.
struct Router::Node {
    struct Endpoint {
        Handler handler;
        std::string pattern;
        std::vector<std::string> names; ///< of the parameters, in their order
    };
    using Endpoints = std::array<std::unique_ptr<Endpoint>, method_count>;

    std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals; ///< sorted by segment
    std::unique_ptr<Node> parameter;
    Endpoints endpoints;
    Endpoints rest; ///< of `{name...}` here

    Node& literal(std::string_view segment)
    {
        auto place = std::lower_bound(literals.begin(), literals.end(), segment,
                                      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
        if (place == literals.end() || place->first != segment) {
            place = literals.emplace(place, std::string(segment), std::make_unique<Node>());
        }
        return *place->second;
    }

    const Node* find_literal(std::string_view segment) const
    {
        const auto place = std::lower_bound(literals.begin(), literals.end(), segment,
                                            [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
        return place != literals.end() && place->first == segment ? place->second.get() : nullptr;
    }

    static const Endpoints* if_any(const Endpoints& endpoints)
    {
        const bool any = std::any_of(endpoints.begin(), endpoints.end(), [](const auto& e) { return e != nullptr; });
        return any ? &endpoints : nullptr;
    }

    /// The most specific endpoints for what is left of the path; the values of its parameters go to `values`.
    const Endpoints* walk(std::string_view path, bool more, std::vector<std::string_view>& values) const
    {
        if (!more) {
            if (const Endpoints* here = if_any(endpoints)) return here;
        } else {
            std::string_view left = path;
            bool more_left = false;
            const std::string_view segment = next_segment(left, more_left);
            if (const Node* node = find_literal(segment)) {
                if (const Endpoints* found = node->walk(left, more_left, values)) return found;
            }
            if (parameter && !segment.empty()) {
                values.push_back(segment);
                if (const Endpoints* found = parameter->walk(left, more_left, values)) return found;
                values.pop_back();
            }
        }
        const Endpoints* found = if_any(rest);
        if (found) values.push_back(path);
        return found;
    }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler)
{
    if (pattern.empty() || pattern.front() != '/') throw std::logic_error("a route begins with '/': " + std::string(pattern));
    auto endpoint = std::make_unique<Node::Endpoint>(Node::Endpoint{std::move(handler), std::string(pattern), {}});

    Node* node = root_.get();
    Node::Endpoints* endpoints = nullptr;
    std::string_view left = pattern.substr(1);
    for (bool more = !left.empty(); more;) {
        const std::string_view segment = next_segment(left, more);
        if (!is_parameter(segment)) {
            node = &node->literal(segment);
            continue;
        }
        std::string_view name = segment.substr(1, segment.size() - 2);
        if (name.ends_with("...")) {
            if (more) throw std::logic_error("nothing may follow {name...}: " + std::string(pattern));
            name.remove_suffix(3);
            endpoints = &node->rest;
        } else {
            if (!node->parameter) node->parameter = std::make_unique<Node>();
            node = node->parameter.get();
        }
        endpoint->names.emplace_back(name);
    }
    if (!endpoints) endpoints = &node->endpoints;

    auto& place = (*endpoints)[static_cast<std::size_t>(method)];
    if (place) throw std::logic_error("two routes for " + std::string(to_string(method)) + " " + std::string(pattern));
    place = std::move(endpoint);
    entries_.push_back({method, std::string(pattern)});
}

Router::Match Router::find(Request& request) const
{
    std::vector<std::string_view> values;
    const std::string_view path = std::string_view(request.path).substr(request.path.empty() ? 0 : 1);
    const Node::Endpoints* endpoints = root_->walk(path, !path.empty(), values);
    Match match;
    if (!endpoints) return match;

    const Node::Endpoint* endpoint = (*endpoints)[static_cast<std::size_t>(request.method)].get();
    if (!endpoint && request.method == Method::head) { endpoint = (*endpoints)[static_cast<std::size_t>(Method::get)].get(); }
    if (!endpoint) {
        for (std::size_t i = 0; i < method_count; ++i) {
            if ((*endpoints)[i]) match.allowed.push_back(static_cast<Method>(i));
        }
        return match;
    }
    match.handler = &endpoint->handler;
    request.route = endpoint->pattern;
    for (std::size_t i = 0; i < values.size(); ++i) { request.path_parameters.emplace_back(endpoint->names[i], std::string(values[i])); }
    return match;
}

const std::vector<Router::Entry>& Router::entries() const
{
    return entries_;
}

} // namespace sportello::http
