#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/text.hpp>
#include <sportello/http/message.hpp>
#include <sportello/simulator/world.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sportello::simulator {

/// Reads the members of a JSON body one by one and remembers everything that is wrong with them.
class ControlBody {
public:
    ControlBody(const http::Request& request, std::initializer_list<const char*> known)
        : json_(nlohmann::json::parse(request.body, nullptr, false))
    {
        if (!json_.is_object()) {
            fail("", "a JSON object");
            json_ = nlohmann::json::object();
        }
        for (const auto& [name, value] : json_.items()) {
            if (std::find(known.begin(), known.end(), name) == known.end()) fail("/" + name, "not a member that is known here");
        }
    }

    std::string text(const char* name, bool required)
    {
        const auto* value = find(name, required);
        if (value && !value->is_string()) fail(std::string("/") + name, "a string");
        return value && value->is_string() ? base::clean_utf8(value->get<std::string>()) : std::string();
    }
    bool flag(const char* name, bool required)
    {
        const auto* value = find(name, required);
        if (value && !value->is_boolean()) fail(std::string("/") + name, "true or false");
        return value && value->is_boolean() && value->get<bool>();
    }
    std::optional<bool> maybe_flag(const char* name) { return find(name, false) ? std::optional(flag(name, true)) : std::nullopt; }
    std::optional<double> number(const char* name, double least, double most)
    {
        const auto* value = find(name, false);
        if (!value) return std::nullopt;
        if (value->is_number() && value->get<double>() >= least && value->get<double>() <= most) return value->get<double>();
        fail(std::string("/") + name, "a number from " + nlohmann::json(least).dump() + " to " + nlohmann::json(most).dump());
        return std::nullopt;
    }
    /// A list of words; empty when it is not there.
    std::set<std::string> words(const char* name, const std::set<std::string>& known)
    {
        std::set<std::string> found;
        const auto* value = find(name, true);
        if (!value) return found;
        const auto pointer = std::string("/") + name;
        if (!value->is_array()) fail(pointer, "a list");
        for (const auto& one : value->is_array() ? *value : nlohmann::json::array()) {
            if (one.is_string() && known.contains(one.get<std::string>())) {
                found.insert(one.get<std::string>());
            } else {
                fail(pointer, "not known here: " + one.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
            }
        }
        return found;
    }
    /// What hangs at an item: `attachments: [{type, url, name?}]`.
    std::vector<Media> media()
    {
        std::vector<Media> found;
        const auto* value = find("attachments", false);
        if (!value) return found;
        static const std::set<std::string> types{"image", "video", "audio", "file", "sticker", "link"};
        const auto text = [](const nlohmann::json& one, const char* name) {
            return one.contains(name) && one[name].is_string() ? base::clean_utf8(one[name].get<std::string>()) : std::string();
        };
        if (!value->is_array()) fail("/attachments", "a list");
        for (const auto& one : value->is_array() ? *value : nlohmann::json::array()) {
            Media media{one.is_object() ? text(one, "type") : "", one.is_object() ? text(one, "url") : "",
                        one.is_object() ? text(one, "name") : ""};
            if (!types.contains(media.type) || media.url.empty()) {
                fail("/attachments", "type (image, video, audio, file, sticker or link) and url of each");
            }
            found.push_back(std::move(media));
        }
        return found;
    }
    /// One of several words. @param parse  nothing for a word that is none of them
    template <class Parse> auto word(const char* name, Parse parse, const char* expected)
    {
        const auto written = text(name, true);
        auto value = parse(written);
        if (!value && !written.empty()) fail(std::string("/") + name, expected);
        return value.value_or(typename decltype(value)::value_type{});
    }
    void fail(std::string pointer, std::string expected) { errors_.push_back({std::move(pointer), std::move(expected)}); }
    [[nodiscard]] const std::vector<base::FieldError>& errors() const { return errors_; }

private:
    const nlohmann::json* find(const char* name, bool required)
    {
        const auto found = json_.find(name);
        if (found != json_.end() && !found->is_null()) return &*found;
        if (required) fail(std::string("/") + name, "is required");
        return nullptr;
    }

    nlohmann::json json_;
    std::vector<base::FieldError> errors_;
};

} // namespace sportello::simulator
