#include "json_body.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace sportello::api {
namespace {

using nlohmann::json;

constexpr int depth_limit = 64;

/// Follows the parser to refuse what it would swallow: deep nesting (its destructor recurses) and a key given twice.
class Watcher {
public:
    bool operator()(int depth, json::parse_event_t event, json& parsed)
    {
        switch (event) {
        case json::parse_event_t::object_start:
            keys_.emplace_back();
            [[fallthrough]];
        case json::parse_event_t::array_start:
            if (depth >= depth_limit) throw std::length_error("nested deeper than 64 levels");
            break;
        case json::parse_event_t::object_end:
            keys_.pop_back();
            break;
        case json::parse_event_t::key: {
            auto key = parsed.get<std::string>();
            if (!keys_.back().insert(key).second) throw std::invalid_argument("the key \"" + key + "\" is given twice");
            break;
        }
        default:
            break;
        }
        return true;
    }

private:
    std::vector<std::set<std::string>> keys_;
};

} // namespace

base::Result<json> read_json(std::string_view body)
{
    std::string broken;
    try {
        return json::parse(body, Watcher());
    } catch (const json::parse_error& error) {
        broken = "not JSON at byte " + std::to_string(error.byte);
    } catch (const std::logic_error& error) {
        broken = error.what();
    }
    return base::Error(base::ErrorKind::invalid_input, broken);
}

std::string text_of(const nlohmann::json& object, const char* name)
{
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace sportello::api
