#include <sportello/base/text.hpp>
#include <sportello/http/message.hpp>

#include "ascii.hpp"
#include "percent.hpp"

#include <algorithm>
#include <array>

namespace sportello::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> method_names{{{Method::get, "GET"},
                                                                           {Method::head, "HEAD"},
                                                                           {Method::post, "POST"},
                                                                           {Method::put, "PUT"},
                                                                           {Method::patch, "PATCH"},
                                                                           {Method::del, "DELETE"},
                                                                           {Method::options, "OPTIONS"}}};

bool is_unreserved(char c)
{
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
}

/// Form decoding forgives: a stray '%' stands for itself, as every browser and framework reads it.
std::string decode_form(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return base::clean_utf8(out);
}

} // namespace

std::string_view to_string(Method method)
{
    for (const auto& [value, name] : method_names) {
        if (value == method) return name;
    }
    return "GET";
}

std::optional<Method> parse_method(std::string_view name)
{
    for (const auto& [value, known] : method_names) {
        if (known == name) return value;
    }
    return std::nullopt;
}

void Headers::set(std::string_view name, std::string value)
{
    std::erase_if(fields_, [name](const auto& field) { return equal_no_case(field.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const
{
    for (const auto& [known, value] : fields_) {
        if (equal_no_case(known, name)) return value;
    }
    return std::nullopt;
}

Parameters Parameters::parse(std::string_view text)
{
    Parameters parameters;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        if (!pair.empty()) {
            const std::size_t equals = std::min(pair.find('='), pair.size());
            const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
            parameters.add(decode_form(pair.substr(0, equals)), decode_form(value));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parameters;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const
{
    for (const auto& [known, value] : pairs_) {
        if (known == name) return value;
    }
    return std::nullopt;
}

std::string Parameters::encode() const
{
    std::string out;
    for (const auto& [name, value] : pairs_) {
        if (!out.empty()) out += '&';
        append_encoded(out, name);
        out += '=';
        append_encoded(out, value);
    }
    return out;
}

std::string percent_encode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    append_encoded(out, text);
    return out;
}

std::optional<std::string> percent_decode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return std::nullopt;
        out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
        i += 2;
    }
    return out;
}

std::string_view Request::path_parameter(std::string_view name) const
{
    for (const auto& [known, value] : path_parameters) {
        if (known == name) return value;
    }
    return {};
}

std::optional<std::string_view> Request::cookie(std::string_view name) const
{
    for (const auto& [field, value] : headers) {
        if (!equal_no_case(field, "Cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view pair = trim_blanks(rest.substr(0, end));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return std::nullopt;
}

Response Response::json(int status, std::string body)
{
    return text(status, std::move(body), "application/json; charset=utf-8");
}

Response Response::text(int status, std::string body, std::string content_type)
{
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

Response Response::empty(int status)
{
    Response response;
    response.status = status;
    return response;
}

boost::asio::awaitable<bool> WebSocket::ready()
{
    co_return true; // for those that queue nothing
}

} // namespace sportello::http
