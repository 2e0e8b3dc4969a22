#include <sportello/api/api.hpp>

#include "context.hpp"
#include "pipeline.hpp"
#include "search_json.hpp"

#include <vector>

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
        : options(std::move(with_options)), metrics(options.metrics ? options.metrics : make_metrics()), stream_seats(options.streams_each),
          sessions(db, clock, random, options), feed(executor, db, engine, clock),
          presence(executor, clock, engine.settings().answering.exclusive, [this] { feed.wake_all(); }), files(options.dashboard),
          second_factor(db, clock, random, options), oidc(clock, random, options), access_watch(executor, db, clock,
                                                                                                [this] {
                                                                                                    sessions.rights_changed();
                                                                                                    feed.wake_all();
                                                                                                }),
          context{executor, db,    engine,         clock,        random,   options,       sessions, feed,
                  *metrics, hooks, policy_reports, stream_seats, presence, second_factor, oidc,     access_watch},
          pipeline(context, tables, files)
    {
    }

    static const std::vector<std::span<const Route>> tables;

    Options options;
    std::shared_ptr<Metrics> metrics;
    // A platform that shares a forger's address loses nothing but haste: polling reads the same.
    AddressThrottle hooks{20};
    AddressThrottle policy_reports{20};
    StreamSeats stream_seats;
    Sessions sessions;
    LiveFeed feed;
    Presence presence;
    DashboardFiles files;
    SecondFactor second_factor;
    Oidc oidc;
    AccessWatch access_watch;
    Context context;
    Pipeline pipeline;
};

const std::vector<std::span<const Route>> Api::Impl::tables{
    session_routes(),  my_session_routes(), second_factor_routes(), access_link_routes(), oidc_routes(),          ticket_routes(),
    reply_routes(),    by_hand_routes(),    uncertain_routes(),     incident_routes(),    agent_routes(),         office_routes(),
    live_routes(),     token_routes(),      operation_routes(),     hook_routes(),        policy_report_routes(), shift_routes(),
    handover_routes(), report_routes(),     control_routes(),       regrouping_routes(),  people_routes(),        aid_routes(),
    message_routes(),  webhook_routes(),    audit_routes(),         file_routes(),        privacy_routes(),       alert_routes(),
    sign_in_routes(),  practice_routes(),   presence_routes(),      draft_routes(),       approval_routes(),      notification_routes(),
    search_routes(),   bulk_routes(),       label_routes(),         view_routes(),        selection_routes(),     in_force_routes(),
};

std::shared_ptr<Metrics> make_metrics()
{
    return std::make_shared<Metrics>();
}

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
