#include "response_parser.hpp"

#include <boost/beast/http/error.hpp>

namespace sportello::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::uint32_t head_limit_bytes = 64 * 1024;

std::string tell(const boost::beast::error_code& error)
{
    if (error == beast_http::error::body_limit) return "the answer is larger than allowed";
    if (error == beast_http::error::partial_message) return "the connection ended before the answer was complete";
    return "the answer is not HTTP: " + error.message();
}

} // namespace

ResponseParser::ResponseParser(std::size_t body_limit_bytes, bool bodiless)
{
    header_limit(head_limit_bytes);
    body_limit(body_limit_bytes);
    eager(true);
    skip(bodiless);
}

std::size_t ResponseParser::take(std::string_view bytes, std::string& failure)
{
    std::size_t taken = 0;
    error_code error;
    while (taken < bytes.size() && !is_done() && !error) {
        taken += put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    }
    if (error && error != beast_http::error::need_more) {
        failure = tell(error);
    } else if (!is_done() && bytes.size() - taken > head_limit_bytes) {
        failure = "the answer's framing is too long"; // Beast would wait for the end of a chunk head for ever
    }
    return taken;
}

void ResponseParser::take_end(std::string& failure)
{
    if (!got_some()) {
        failure = "the connection ended before an answer came";
        return;
    }
    error_code error;
    put_eof(error);
    if (error) failure = tell(error);
}

void ResponseParser::on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&)
{
    if (head_done_) return;
    response_.headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

std::size_t ResponseParser::on_body_impl(string_view body, error_code&)
{
    response_.body.append(body.data(), body.size());
    return body.size();
}

std::size_t ResponseParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&)
{
    response_.body.append(body.data(), body.size());
    return body.size();
}

} // namespace sportello::http
