#pragma once

#include <sportello/base/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>
#include <vector>

namespace sportello::engine {

/// What another system answered.
struct CourierAnswer {
    int status = 0;
    std::string body = {}; ///< its beginning, clean UTF-8, at most 1 KiB
    [[nodiscard]] bool taken() const { return status >= 200 && status < 300; }
};

/// Carries notices to other systems over HTTP; whoever wires the program together gives one. It goes only where the open
/// internet or the operator's configuration lets it, follows no redirect, and gives up after ten seconds.
class Courier {
public:
    virtual ~Courier() = default;
    /// POSTs `body`, JSON. @return unavailable when there was no answer, with the reason in words.
    virtual boost::asio::awaitable<base::Result<CourierAnswer>>
    post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body) = 0;
    /// Why nothing can be sent to `url`, as far as it shows without looking up its host; empty when it can.
    [[nodiscard]] virtual std::string obstacle(const std::string& /*url*/) const { return {}; }
};

} // namespace sportello::engine
