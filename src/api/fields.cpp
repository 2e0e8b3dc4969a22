#include "fields.hpp"

#include "json_body.hpp"

#include <sportello/base/text.hpp>
#include <sportello/base/time.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace sportello::api {
namespace {

using nlohmann::json;

std::string pointer_to(std::string_view name)
{
    std::string pointer = "/";
    for (const char c : name) {
        if (c == '~') pointer += "~0";
        else if (c == '/') pointer += "~1";
        else pointer += c;
    }
    return pointer;
}

std::string length_words(Fields::Length length)
{
    return std::to_string(length.least) + " to " + std::to_string(length.most) + " characters expected";
}

} // namespace

Fields::Fields(std::string_view body) : object_(std::make_unique<json>(json::object()))
{
    if (body.empty()) return;
    auto parsed = read_json(body);
    if (!parsed) broken_ = parsed.error().what();
    else if (!parsed->is_object()) broken_ = "a JSON object is expected";
    else *object_ = std::move(*parsed);
}

Fields::~Fields() = default;

const json* Fields::find(std::string_view name)
{
    known_.emplace_back(name);
    const auto found = object_->find(name);
    return found == object_->end() ? nullptr : &*found;
}

bool Fields::has(std::string_view name) const
{
    return object_->contains(name);
}

bool Fields::empty() const
{
    return object_->empty();
}

void Fields::missing(std::string_view name)
{
    wrong_shape(name, "this field is needed");
}

void Fields::wrong_value(std::string_view name, std::string detail)
{
    errors_.push_back({pointer_to(name), std::move(detail)});
}

void Fields::wrong_shape(std::string_view name, std::string detail)
{
    wrong_shape_ = true;
    wrong_value(name, std::move(detail));
}

std::optional<std::string> Fields::maybe_text(std::string_view name, Length length)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_string()) {
        wrong_shape(name, "text expected");
        return std::nullopt;
    }
    auto text = base::clean_utf8(field->get_ref<const std::string&>());
    const auto count = base::count_code_points(text);
    if (count < length.least || count > length.most) {
        wrong_value(name, length_words(length));
        return std::nullopt;
    }
    if (length.least > 0 && base::trim(text).empty()) {
        wrong_value(name, "not only blanks expected");
        return std::nullopt;
    }
    return text;
}

std::string Fields::text(std::string_view name, Length length)
{
    auto text = maybe_text(name, length);
    if (!text && !has(name)) missing(name);
    return std::move(text).value_or("");
}

std::optional<bool> Fields::maybe_flag(std::string_view name)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_boolean()) {
        wrong_shape(name, "true or false expected");
        return std::nullopt;
    }
    return field->get<bool>();
}

bool Fields::flag(std::string_view name)
{
    const auto flag = maybe_flag(name);
    if (!flag && !has(name)) missing(name);
    return flag.value_or(false);
}

std::optional<std::int64_t> Fields::maybe_number(std::string_view name, std::int64_t least, std::int64_t most)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_number_integer()) {
        wrong_shape(name, "a whole number expected");
        return std::nullopt;
    }
    const bool too_large = field->is_number_unsigned() && field->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const auto number = too_large ? INT64_MAX : field->get<std::int64_t>();
    if (too_large || number < least || number > most) {
        wrong_value(name, std::to_string(least) + " to " + std::to_string(most) + " expected");
        return std::nullopt;
    }
    return number;
}

std::optional<std::vector<std::int64_t>> Fields::maybe_numbers(std::string_view name, std::size_t most_items)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_array()) {
        wrong_shape(name, "a list of numbers expected");
        return std::nullopt;
    }
    if (field->size() > most_items) {
        wrong_value(name, "at most " + std::to_string(most_items) + " expected");
        return std::nullopt;
    }
    std::vector<std::int64_t> numbers;
    for (const json& item : *field) {
        const bool whole = item.is_number_unsigned() && item.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX);
        if (!whole || item.get<std::int64_t>() < 1) {
            wrong_shape(std::string(name) + "/" + std::to_string(numbers.size()), "a whole number from 1 expected");
            return std::nullopt;
        }
        numbers.push_back(item.get<std::int64_t>());
    }
    return numbers;
}

std::optional<base::Duration> Fields::maybe_seconds(std::string_view name, base::Duration most)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_number()) {
        wrong_shape(name, "a number of seconds expected");
        return std::nullopt;
    }
    const double limit = static_cast<double>(most.count()) / 1e6;
    const auto seconds = field->get<double>();
    if (!(seconds >= 0.0 && seconds <= limit)) {
        wrong_value(name, "0 to " + std::to_string(static_cast<std::int64_t>(limit)) + " seconds expected");
        return std::nullopt;
    }
    return base::Duration(std::llround(seconds * 1e6));
}

std::optional<std::optional<std::int64_t>> Fields::nullable_number(std::string_view name)
{
    const auto found = object_->find(name);
    if (found != object_->end() && found->is_null()) {
        known_.emplace_back(name);
        return std::optional<std::int64_t>();
    }
    const auto number = maybe_number(name, 1, INT64_MAX);
    if (!number) return std::nullopt;
    return std::optional(*number);
}

std::optional<std::optional<base::Instant>> Fields::nullable_time(std::string_view name)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (field->is_null()) return std::optional<base::Instant>();
    if (!field->is_string()) {
        wrong_shape(name, "an RFC 3339 time or null expected");
        return std::nullopt;
    }
    const auto at = base::parse_rfc3339(field->get_ref<const std::string&>());
    if (!at) {
        wrong_value(name, "an RFC 3339 time such as 2026-03-02T09:05:10Z expected");
        return std::nullopt;
    }
    return std::optional(*at);
}

std::map<std::string, std::string, std::less<>> Fields::texts_by_name(std::string_view name, std::size_t most_items, Length length)
{
    std::map<std::string, std::string, std::less<>> texts;
    const auto* field = find(name);
    if (field == nullptr) return texts;
    if (!field->is_object()) {
        wrong_shape(name, "an object of texts expected");
        return texts;
    }
    if (field->size() > most_items) {
        wrong_value(name, "at most " + std::to_string(most_items) + " entries expected");
        return texts;
    }
    for (const auto& [key, entry] : field->items()) {
        const auto pointer = pointer_to(name) + pointer_to(base::clean_utf8(key));
        if (!entry.is_string()) {
            wrong_shape_ = true;
            errors_.push_back({pointer, "text expected"});
            continue;
        }
        auto text = base::clean_utf8(entry.get_ref<const std::string&>());
        const auto count = base::count_code_points(text);
        if (count < length.least || count > length.most) errors_.push_back({pointer, length_words(length)});
        else texts.emplace(base::clean_utf8(key), std::move(text));
    }
    return texts;
}

void Fields::objects(std::string_view name, std::size_t most_items, const std::function<void(std::size_t, Fields&)>& each)
{
    const auto* field = find(name);
    if (field == nullptr) return;
    if (!field->is_array()) return wrong_shape(name, "a list of objects expected");
    if (field->size() > most_items) return wrong_value(name, "at most " + std::to_string(most_items) + " entries expected");
    for (std::size_t at = 0; at < field->size(); ++at) {
        const auto pointer = pointer_to(name) + "/" + std::to_string(at);
        read_inside((*field)[at], pointer, [&](Fields& entry) { each(at, entry); });
    }
}

void Fields::object(std::string_view name, const std::function<void(Fields&)>& read)
{
    const auto* field = find(name);
    if (field != nullptr) read_inside(*field, pointer_to(name), read);
}

void Fields::read_inside(const nlohmann::json& value, const std::string& pointer, const std::function<void(Fields&)>& read)
{
    if (!value.is_object()) {
        wrong_shape_ = true;
        errors_.push_back({pointer, "an object expected"});
        return;
    }
    Fields inside(value.dump());
    read(inside);
    const auto problem = inside.refusal();
    if (!problem) return;
    wrong_shape_ = wrong_shape_ || problem->status == 400;
    for (const auto& error : problem->errors) errors_.push_back({pointer + error.pointer, error.detail});
}

std::optional<std::vector<std::string>> Fields::maybe_texts(std::string_view name, std::size_t most_items, Length length)
{
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (!field->is_array()) {
        wrong_shape(name, "a list of texts expected");
        return std::nullopt;
    }
    if (field->size() > most_items) {
        wrong_value(name, "at most " + std::to_string(most_items) + " entries expected");
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < field->size(); ++at) {
        const auto& entry = (*field)[at];
        const auto pointer = pointer_to(name) + "/" + std::to_string(at);
        if (!entry.is_string()) {
            wrong_shape_ = true;
            errors_.push_back({pointer, "text expected"});
            continue;
        }
        const auto cleaned = base::clean_utf8(entry.get_ref<const std::string&>());
        std::string text(base::trim(cleaned));
        const auto count = base::count_code_points(text);
        const bool control = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
        if (count < length.least || count > length.most) errors_.push_back({pointer, length_words(length)});
        else if (control) errors_.push_back({pointer, "one line expected"});
        else if (std::find(texts.begin(), texts.end(), text) != texts.end()) errors_.push_back({pointer, "is there twice"});
        else texts.push_back(std::move(text));
    }
    return texts;
}

std::optional<Fields::NumberOrText> Fields::maybe_number_or_text(std::string_view name)
{
    const auto* field = find(name);
    if (field == nullptr || field->is_null()) return std::nullopt;
    if (field->is_number_integer()) return NumberOrText{.number = field->get<std::int64_t>(), .text = {}};
    if (field->is_string()) { return NumberOrText{.number = std::nullopt, .text = base::clean_utf8(field->get_ref<const std::string&>())}; }
    wrong_shape(name, "a number or a text expected");
    return std::nullopt;
}

std::optional<Problem> Fields::refusal()
{
    if (!broken_.empty()) {
        return Problem{
            .status = 400, .code = "invalid_input", .detail = "The body cannot be read: " + broken_ + ".", .errors = {{"", broken_}}};
    }
    for (const auto& [name, ignored] : object_->items()) {
        if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
            wrong_shape(base::shorten(base::clean_utf8(name), 100), "there is no such field here");
        }
    }
    if (errors_.empty()) return std::nullopt;
    return Problem{.status = wrong_shape_ ? 400 : 422,
                   .code = "invalid_input",
                   .detail = "The body has " + std::to_string(errors_.size()) +
                             (errors_.size() == 1 ? " field that is not right." : " fields that are not right."),
                   .errors = errors_};
}

bool is_login(std::string_view login)
{
    return !login.empty() && std::all_of(login.begin(), login.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("._@-").find(c) != std::string_view::npos;
    });
}

} // namespace sportello::api
