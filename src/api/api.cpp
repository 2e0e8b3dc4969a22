#include <sportello/api/api.hpp>

#include "context.hpp"
#include "pipeline.hpp"

#include <array>

namespace sportello::api {

std::string_view to_string(Access access)
{
    switch (access) {
    case Access::public_:
        return "public";
    case Access::local:
        return "local";
    case Access::phone:
        return "phone";
    case Access::agent:
        return "agent";
    case Access::supervisor:
        return "supervisor";
    case Access::admin:
        return "admin";
    }
    return "admin";
}

struct Api::Impl {
    Impl(boost::asio::any_io_executor executor, storage::Database& db, engine::Engine& engine, base::Clock& clock, base::Random& random,
         Options with_options)
        : options(std::move(with_options)), sessions(db, clock, random, options), feed(executor, db, engine, clock),
          files(options.dashboard), context{executor, db, engine, clock, random, options, sessions, feed, metrics, hooks},
          pipeline(context, tables, files)
    {
    }

    static const std::array<std::span<const Route>, 20> tables;

    Options options;
    Metrics metrics;
    HookThrottle hooks;
    Sessions sessions;
    LiveFeed feed;
    DashboardFiles files;
    Context context;
    Pipeline pipeline;
};

const std::array<std::span<const Route>, 20> Api::Impl::tables{
    session_routes(), ticket_routes(),  reply_routes(),      by_hand_routes(),   uncertain_routes(), incident_routes(), agent_routes(),
    office_routes(),  live_routes(),    token_routes(),      operation_routes(), hook_routes(),      shift_routes(),    handover_routes(),
    report_routes(),  control_routes(), regrouping_routes(), people_routes(),    aid_routes(),
    message_routes()};

Api::Api(boost::asio::any_io_executor executor, storage::Database& db, engine::Engine& engine, base::Clock& clock, base::Random& random,
         Options options)
    : impl_(std::make_unique<Impl>(std::move(executor), db, engine, clock, random, std::move(options)))
{
}

Api::~Api() = default;

http::Handler Api::handler()
{
    return [impl = impl_.get()](http::Request& request) { return impl->pipeline.answer(request); };
}

const http::Router& Api::routes() const
{
    return impl_->pipeline.router();
}

Access Api::access(http::Method method, std::string_view pattern) const
{
    return impl_->pipeline.access(method, pattern);
}

} // namespace sportello::api
