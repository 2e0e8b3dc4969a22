#pragma once

#include "guard.hpp"

#include <sportello/http/message.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <optional>
#include <string_view>

namespace sportello::http {

/// Beast's grammar, writing straight into our Request. Trailers are read and forgotten: merged into the fields they
/// could pose as headers that the guard has looked at.
class RequestParser final : public boost::beast::http::basic_parser<true> {
public:
    /// @param request  filled while parsing; must outlive the parser.
    RequestParser(Request& request, std::size_t header_limit_bytes, std::size_t body_limit_bytes);

    /// Takes what it understands of `bytes`. @return how many bytes it took; `refusal` is set when they are no request.
    std::size_t take(std::string_view bytes, std::optional<Refusal>& refusal);

    [[nodiscard]] bool is_http_1_1() const { return version_ == 11; }
    /// What the head says (a trailer cannot change it any more).
    [[nodiscard]] bool wants_keep_alive() const { return keep_alive_; }
    [[nodiscard]] bool wants_upgrade() const { return upgrade_; }

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;
    using verb = boost::beast::http::verb;
    using field = boost::beast::http::field;

    void on_request_impl(verb, string_view method, string_view target, int version, error_code& error) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(field, string_view name, string_view value, error_code&) override;
    void on_header_impl(error_code&) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override;
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    Request& request_;
    std::size_t bytes_taken_ = 0;
    std::size_t head_bytes_ = 0;
    int version_ = 11;
    bool head_done_ = false;
    bool keep_alive_ = false;
    bool upgrade_ = false;
};

} // namespace sportello::http
