#pragma once

#include "house.hpp"

#include <optional>
#include <string>

namespace sportello::simulator {

/// The public pages of the accounts, where a person writes as a customer and sees what the company answers.
class Pages {
public:
    explicit Pages(House& house) : house_(house) {}
    /// Nothing when the path is no page of ours.
    std::optional<http::Response> serve(const http::Request& request);

private:
    http::Response account_page(const http::Request& request, std::size_t account);
    http::Response write(const http::Request& request, std::size_t account);
    http::Response change(const http::Request& request, std::size_t account, bool erase);

    House& house_;
};

} // namespace sportello::simulator
