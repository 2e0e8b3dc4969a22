#include "house.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sportello::simulator {
namespace asio = boost::asio;
namespace {

asio::awaitable<void> wait(base::Clock& clock, Duration time)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = clock.make_timer(executor);
    co_await timer->wait_until(clock.now() + time);
}

http::Response cut_connection()
{
    http::Response response;
    response.status = 502; // what a gateway in between would say
    response.cut = true;
    return response;
}

} // namespace

asio::awaitable<http::Response> run_with_faults(House& house, Platform platform, std::string account, Endpoint endpoint,
                                                std::function<http::Response(const Fault&)> refuse, std::function<http::Response()> act)
{
    const auto fault = house.faults.hit(platform, account, endpoint);
    if (!fault) co_return act();
    switch (fault->kind) {
    case FaultKind::delay: {
        if (!fault->effect) {
            co_await wait(house.clock, fault->delay);
            co_return act();
        }
        auto answer = act();
        co_await wait(house.clock, fault->delay);
        co_return answer;
    }
    case FaultKind::too_many:
    case FaultKind::unauthorized:
        co_return refuse(*fault);
    case FaultKind::server_error:
    case FaultKind::error:
        if (fault->effect) act();
        co_return refuse(*fault);
    case FaultKind::html:
        if (fault->effect) act();
        co_return http::Response::text(502, "<html><body><h1>502 Bad Gateway</h1></body></html>\n", "text/html");
    case FaultKind::garbled: {
        auto answer = act();
        answer.body.resize(answer.body.size() / 2);
        co_return answer;
    }
    case FaultKind::cut_before:
        co_return cut_connection();
    case FaultKind::cut_after:
        act();
        co_return cut_connection();
    case FaultKind::lost_answer:
        act();
        co_await wait(house.clock, house.options.lost_answer_hold);
        co_return cut_connection();
    }
    co_return act();
}

} // namespace sportello::simulator
