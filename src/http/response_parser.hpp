#pragma once

#include <sportello/http/message.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <string_view>

namespace sportello::http {

/// Reads another server's answer into our Response. Trailers are read and forgotten.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
public:
    /// @param bodiless  the answer to HEAD: no body follows whatever the head says.
    ResponseParser(std::size_t body_limit_bytes, bool bodiless);

    /// Takes what it understands of `bytes`. @return how many bytes it took; `failure` is set when they are no answer.
    std::size_t take(std::string_view bytes, std::string& failure);
    /// The connection has ended. Sets `failure` unless that is how the body was to end.
    void take_end(std::string& failure);

    [[nodiscard]] Response& response() { return response_; }

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view, int, error_code&) override { response_.status = status; }
    void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override;
    void on_header_impl(error_code&) override { head_done_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    Response response_;
    bool head_done_ = false;
};

} // namespace sportello::http
