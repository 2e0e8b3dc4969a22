#pragma once

#include "graph_nodes.hpp"
#include "usage.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace sportello::simulator {

/// The parts of Facebook's Graph API that the connector and stock clients use.
class GraphApi {
public:
    explicit GraphApi(House& house) : house_(house) {}
    /// @param prefix  what stands in front of the version in the path: "" or "/graph"
    boost::asio::awaitable<http::Response> serve(const http::Request& request, std::string_view prefix);

private:
    struct Call;
    Call read_call(const http::Request& request, std::string_view prefix) const;
    void authorize(Call& call) const;
    void check_proof(const Call& call) const;
    ordered_json answer(const Call& call);
    ordered_json answer_get(const Call& call) const;
    ordered_json answer_post(const Call& call);
    ordered_json answer_delete(const Call& call);
    http::Response run(const Call& call);
    void add_usage(const Call& call, http::Response& response, std::int64_t minutes_to_regain) const;

    House& house_;
    Usage usage_;
};

/// Writes a comment of the Page. @return {"id": …}
ordered_json post_comment(House& house, std::size_t page, const std::string& object, const std::string& message);
/// Messenger's Send API. @return {"recipient_id", "message_id"}
ordered_json send_message(House& house, std::size_t page, const Arguments& parameters);

} // namespace sportello::simulator
