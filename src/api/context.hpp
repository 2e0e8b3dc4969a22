#pragma once

#include "access_watch.hpp"
#include "address_throttle.hpp"
#include "live_feed.hpp"
#include "metrics.hpp"
#include "oidc.hpp"
#include "presence.hpp"
#include "problem.hpp"
#include "second_factor.hpp"
#include "sessions.hpp"
#include "stream_seats.hpp"

#include <sportello/api/api.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sportello::api {

/// What handlers work with.
struct Context {
    boost::asio::any_io_executor executor;
    storage::Database& db;
    engine::Engine& engine;
    base::Clock& clock;
    base::Random& random;
    const Options& options;
    Sessions& sessions;
    LiveFeed& feed;
    Metrics& metrics;
    AddressThrottle& hooks;          ///< deliveries with a false signature
    AddressThrottle& policy_reports; ///< what browsers stopped on our pages
    StreamSeats& stream_seats;
    Presence& presence;
    SecondFactor& second_factor;
    Oidc& oidc;
    AccessWatch& access_watch;
};

/// One request on its way through the pipeline.
struct Call {
    http::Request& request;
    std::string request_id;
    CallerPtr caller;    ///< null only on public and local routes
    bool secret = false; ///< its route answers a secret

    /// A problem as the answer: what a handler returns when an Error cannot tell it.
    [[nodiscard]] http::Response refuse(const Problem& problem) const { return to_response(problem, request_id); }
};

using Answer = base::Result<http::Response>;
/// A handler parses, calls one service or one unit of work, renders. A failure becomes a problem in the pipeline.
using Action = boost::asio::awaitable<Answer> (*)(Context&, Call&);

/// What is special about a route.
struct Traits {
    bool takes_csv = false;       ///< a body may also be text/csv
    bool takes_reports = false;   ///< a body is a browser's application/reports+json
    bool takes_bytes = false;     ///< a body may also be application/octet-stream, and as large as a file
    bool writes_csv = false;      ///< reads `format` itself; other lists become CSV in the pipeline
    bool answers_secret = false;  ///< its answer is neither packed beside foreign text nor kept for repeats
    bool checks_revision = false; ///< reads If-Match itself, in the transaction of the change
};

struct Route {
    http::Method method;
    std::string_view pattern;
    Access access;
    Action action;
    Traits traits = {};
};

/// The path parameter {id} as one of our ids. @return not_found when it is no number: there is no such thing.
[[nodiscard]] base::Result<std::int64_t> path_id(const Call& call);
/// What goes with a change: the actor, and the client's key that makes a repeat harmless.
[[nodiscard]] engine::Command command(const Call& call);
/// The client's Idempotency-Key; empty when there is none.
[[nodiscard]] std::string_view idempotency_key(const Call& call);
[[nodiscard]] http::Response json_response(int status, std::string body);
/// The same with the ETag of a revision, which If-Match gives back.
[[nodiscard]] http::Response json_response(int status, std::string body, std::int32_t revision);
[[nodiscard]] std::string entity_tag(std::int32_t revision);
/// The revision of an If-Match (`"7"`, or an ETag as it was sent); nothing when there is none or it is `*`. -1 for one that can match nothing.
[[nodiscard]] std::optional<std::int32_t> wanted_revision(const http::Request& request);
/// 412: `what` has another revision than the one wanted.
[[nodiscard]] http::Response refuse_revision(const Call& call, std::string_view what, std::int32_t present);

// Every route of the contract, by noun.
[[nodiscard]] std::span<const Route> session_routes();
[[nodiscard]] std::span<const Route> my_session_routes();
[[nodiscard]] std::span<const Route> second_factor_routes();
[[nodiscard]] std::span<const Route> access_link_routes();
[[nodiscard]] std::span<const Route> oidc_routes();
[[nodiscard]] std::span<const Route> ticket_routes();
[[nodiscard]] std::span<const Route> regrouping_routes();
[[nodiscard]] std::span<const Route> people_routes();
[[nodiscard]] std::span<const Route> aid_routes();
[[nodiscard]] std::span<const Route> reply_routes();
[[nodiscard]] std::span<const Route> bulk_routes();
[[nodiscard]] std::span<const Route> label_routes();
[[nodiscard]] std::span<const Route> view_routes();
[[nodiscard]] std::span<const Route> selection_routes();
[[nodiscard]] std::span<const Route> in_force_routes();
[[nodiscard]] std::span<const Route> message_routes();
[[nodiscard]] std::span<const Route> by_hand_routes();
[[nodiscard]] std::span<const Route> uncertain_routes();
[[nodiscard]] std::span<const Route> incident_routes();
[[nodiscard]] std::span<const Route> agent_routes();
[[nodiscard]] std::span<const Route> office_routes();
[[nodiscard]] std::span<const Route> report_routes();
[[nodiscard]] std::span<const Route> control_routes();
[[nodiscard]] std::span<const Route> live_routes();
[[nodiscard]] std::span<const Route> presence_routes();
[[nodiscard]] std::span<const Route> draft_routes();
[[nodiscard]] std::span<const Route> approval_routes();
[[nodiscard]] std::span<const Route> notification_routes();
[[nodiscard]] std::span<const Route> token_routes();
[[nodiscard]] std::span<const Route> operation_routes();
[[nodiscard]] std::span<const Route> hook_routes();
[[nodiscard]] std::span<const Route> policy_report_routes();
[[nodiscard]] std::span<const Route> shift_routes();
[[nodiscard]] std::span<const Route> handover_routes();
[[nodiscard]] std::span<const Route> webhook_routes();
[[nodiscard]] std::span<const Route> audit_routes();
[[nodiscard]] std::span<const Route> file_routes();
[[nodiscard]] std::span<const Route> privacy_routes();
[[nodiscard]] std::span<const Route> alert_routes();
[[nodiscard]] std::span<const Route> sign_in_routes();
[[nodiscard]] std::span<const Route> practice_routes();

} // namespace sportello::api
