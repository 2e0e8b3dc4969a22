#include "request_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace sportello::http {
namespace {

namespace beast_http = boost::beast::http;

/// A chunk head or the trailers must fit into this; Beast itself would wait for their end for ever.
constexpr std::size_t framing_limit_bytes = 4096;
constexpr std::size_t chunk_extension_limit_bytes = 256;
/// No body needs more framing than this many bytes for each byte of content (chunks of one byte need five) ...
constexpr std::size_t framing_per_byte = 8;
/// ... and this much besides.
constexpr std::size_t framing_allowance_bytes = 16 * 1024;

Refusal refusal_for(const boost::beast::error_code& error)
{
    if (error == beast_http::error::body_limit) return {413, "The request body is larger than this server takes."};
    if (error == beast_http::error::header_limit) return {431, "The request head is larger than this server takes."};
    if (error == beast_http::error::bad_method) return {501, "This method is not known here."};
    return {400, "The request cannot be understood: " + error.message() + "."};
}

} // namespace

RequestParser::RequestParser(Request& request, std::size_t header_limit_bytes, std::size_t body_limit_bytes) : request_(request)
{
    // The scanner keeps the exact limit, and says so; this one must never be the tighter.
    header_limit(static_cast<std::uint32_t>(header_limit_bytes + framing_limit_bytes));
    body_limit(body_limit_bytes);
    eager(true);
}

std::size_t RequestParser::take(std::string_view bytes, std::optional<Refusal>& refusal)
{
    std::size_t taken = 0;
    error_code error;
    while (taken < bytes.size() && !is_done() && !error) {
        taken += put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    }
    bytes_taken_ += taken;
    if (error && error != beast_http::error::need_more) {
        refusal = refusal_for(error);
    } else if (!is_done() && bytes.size() - taken > framing_limit_bytes) {
        refusal = Refusal{400, "A chunk head or the trailers are too long."};
    } else if (chunked() && bytes_taken_ > framing_allowance_bytes + head_bytes_ + (framing_per_byte + 1) * request_.body.size()) {
        refusal = Refusal{400, "The body is cut into too many chunks."};
    }
    return taken;
}

void RequestParser::on_request_impl(verb, string_view method, string_view target, int version, error_code& error)
{
    const auto known = http::parse_method(std::string_view(method.data(), method.size()));
    if (!known) {
        error = beast_http::error::bad_method;
        return;
    }
    request_.method = *known;
    request_.target.assign(target.data(), target.size());
    version_ = version;
    head_bytes_ += method.size() + target.size();
}

void RequestParser::on_field_impl(field, string_view name, string_view value, error_code&)
{
    if (head_done_) return;
    head_bytes_ += name.size() + value.size();
    request_.headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

void RequestParser::on_header_impl(error_code&)
{
    head_done_ = true;
    keep_alive_ = keep_alive();
    upgrade_ = upgrade();
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&)
{
    // A length is a promise; memory is given for what comes.
    request_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), 64 * 1024)));
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&)
{
    request_.body.append(body.data(), body.size());
    return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& error)
{
    if (extensions.size() > chunk_extension_limit_bytes) error = beast_http::error::bad_chunk_extension;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&)
{
    request_.body.append(body.data(), body.size());
    return body.size();
}

} // namespace sportello::http
