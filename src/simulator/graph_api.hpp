#pragma once

#include "graph_write.hpp"
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
    ordered_json answer_get(const Call& call);
    http::Response run(const Call& call);
    http::Response run_batch(const Call& call, const http::Request& request, std::string_view prefix);
    http::Response refuse(const Call& call, const Fault& fault) const;
    void count(const Call& call);
    void add_usage(const Call& call, http::Response& response, std::int64_t minutes_to_regain) const;

    House& house_;
    Usage usage_;
    std::map<std::string, Media> uploads_; ///< stored attachments; they last as long as the process
};

} // namespace sportello::simulator
