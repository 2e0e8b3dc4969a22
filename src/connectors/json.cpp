#include "json.hpp"

#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace sportello::connectors {
namespace {

constexpr std::size_t depth_limit = 64;

/// Builds the tree itself, so that depth and double names are seen while parsing and not after.
class TreeBuilder final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return put(Json()); }
    bool boolean(bool value) override { return put(Json(value)); }
    bool number_integer(number_integer_t value) override { return put(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return put(Json(value)); }
    bool number_float(number_float_t value, const string_t&) override { return put(Json(value)); }
    bool string(string_t& value) override { return put(Json(std::move(value))); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override
    {
        if (too_deep_ > 0) return true;
        const auto [place, inserted] = open_.back()->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
        member_ = &place->second;
        return inserted;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

    Json take() { return std::move(root_); }

private:
    Json* place(Json&& value)
    {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        if (open_.back()->is_array()) {
            auto& array = open_.back()->get_ref<Json::array_t&>();
            array.push_back(std::move(value));
            return &array.back();
        }
        *member_ = std::move(value);
        return member_;
    }
    bool put(Json&& value)
    {
        if (too_deep_ == 0) place(std::move(value));
        return true;
    }
    bool open(Json&& container)
    {
        if (too_deep_ == 0 && open_.size() >= depth_limit) place(Json("\uFFFD")); // so that is_damaged() sees the loss
        if (too_deep_ > 0 || open_.size() >= depth_limit) {
            ++too_deep_;
        } else {
            open_.push_back(place(std::move(container)));
        }
        return true;
    }
    bool close()
    {
        if (too_deep_ > 0) {
            --too_deep_;
        } else {
            open_.pop_back();
        }
        return true;
    }

    Json root_;
    std::vector<Json*> open_;
    Json* member_ = nullptr;
    std::size_t too_deep_ = 0; ///< open containers below the limit: skipped
};

/// The code unit of "\uXXXX" at `at`, or nothing.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at)
{
    if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const char* end = text.data() + at + 6;
    const auto [stop, error] = std::from_chars(text.data() + at + 2, end, unit, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    return unit;
}

/// Platforms cut texts between the halves of an emoji; the parser would refuse the whole answer for it.
std::string without_lone_surrogates(std::string text)
{
    constexpr std::string_view replacement = "\\ufffd";
    for (std::size_t at = text.find('\\'); at != std::string::npos && at + 1 < text.size(); at = text.find('\\', at)) {
        const auto unit = escaped_unit(text, at);
        if (!unit) {
            at += 2;
            continue;
        }
        const bool high = *unit >= 0xD800 && *unit < 0xDC00;
        const auto second = high ? escaped_unit(text, at + 6) : std::nullopt;
        if (second && *second >= 0xDC00 && *second < 0xE000) {
            at += 12;
            continue;
        }
        if (high || (*unit >= 0xDC00 && *unit < 0xE000)) text.replace(at, replacement.size(), replacement);
        at += 6;
    }
    return text;
}

const Json& nothing()
{
    static const Json null;
    return null;
}

} // namespace

std::optional<Json> parse_json(std::string_view text)
{
    TreeBuilder builder;
    const std::string mended = without_lone_surrogates(base::clean_utf8(text));
    if (!Json::sax_parse(mended, &builder)) return std::nullopt;
    return builder.take();
}

const Json& member(const Json& value, std::string_view name)
{
    if (!value.is_object()) return nothing();
    const auto found = value.find(name);
    return found == value.end() ? nothing() : *found;
}

const Json& elements(const Json& value)
{
    static const Json none = Json::array();
    return value.is_array() ? value : none;
}

std::string text_of(const Json& value)
{
    return value.is_string() ? base::clean_utf8(value.get_ref<const std::string&>()) : std::string();
}

std::string id_of(const Json& value)
{
    if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
    if (!value.is_string()) return {};
    const auto& id = value.get_ref<const std::string&>();
    const bool visible = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return visible && id.size() <= 512 ? id : std::string();
}

std::optional<std::int64_t> integer_of(const Json& value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_string()) return std::nullopt;
    const auto& digits = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::optional<base::Instant> instant_of(const Json& value)
{
    if (value.is_string()) {
        const auto parsed = base::parse_rfc3339(value.get_ref<const std::string&>());
        if (parsed) return *parsed;
        return std::nullopt;
    }
    if (!value.is_number_integer()) return std::nullopt;
    const auto seconds = integer_of(value);
    constexpr std::int64_t year_9999 = 253'402'300'799;
    if (!seconds || *seconds < 0 || *seconds > year_9999) return std::nullopt;
    return base::Instant(std::chrono::seconds(*seconds));
}

bool is_damaged(const Json& value)
{
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        return text.find('\0') != std::string::npos || text.find("\uFFFD") != std::string::npos;
    }
    return value.is_structured() && std::any_of(value.begin(), value.end(), [](const Json& one) { return is_damaged(one); });
}

std::string scrubbed(const Json& value)
{
    constexpr std::size_t limit_bytes = std::size_t{64} * 1024;
    std::string text = base::redact(value.dump(-1, ' ', false, Json::error_handler_t::replace));
    for (const std::string_view name : {"access_token=", "appsecret_proof="}) {
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
            at += name.size();
            const std::size_t end = std::min(text.find_first_of("&\" \\", at), text.size());
            text.replace(at, end - at, "***");
        }
    }
    if (text.size() > limit_bytes) text.resize(limit_bytes);
    return base::clean_utf8(text);
}

} // namespace sportello::connectors
