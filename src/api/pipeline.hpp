#pragma once

#include "context.hpp"
#include "dashboard_files.hpp"
#include "repeats.hpp"

#include <sportello/http/router.hpp>

#include <map>

namespace sportello::api {

/// Everything that stands around the handlers, in one order.
class Pipeline {
public:
    Pipeline(Context& context, std::span<const std::span<const Route>> tables, const DashboardFiles& files);

    boost::asio::awaitable<http::Response> answer(http::Request& request);

    [[nodiscard]] const http::Router& router() const { return router_; }
    [[nodiscard]] Access access(http::Method method, std::string_view pattern) const;

private:
    boost::asio::awaitable<http::Response> dispatch(Call& call);
    boost::asio::awaitable<http::Response> run(Call& call, const Route& route);
    boost::asio::awaitable<http::Response> attempt(Call& call, const Route& route);
    boost::asio::awaitable<Answer> perform(Call& call, const Route& route);
    boost::asio::awaitable<Answer> read(Call& call, const Route& route);
    boost::asio::awaitable<Answer> change(Call& call, const Route& route);
    boost::asio::awaitable<std::optional<Problem>> check_if_match(Call& call, const Route& route);
    http::Response unknown_address(Call& call, const http::Router::Match& match) const;
    [[nodiscard]] std::string next_request_id();

    Context& context_;
    const DashboardFiles& files_;
    http::Router router_;
    std::map<std::pair<http::Method, std::string>, const Route*> routes_;
    Repeats repeats_;
    std::string id_prefix_;
    std::uint64_t requests_ = 0;
};

} // namespace sportello::api
