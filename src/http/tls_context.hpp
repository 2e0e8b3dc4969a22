#pragma once

#include <sportello/base/error.hpp>

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace sportello::http {

/// TLS 1.2 and later, with the server's certificate chain and key.
/// @return invalid_input naming the file that cannot be read or does not fit.
[[nodiscard]] base::Result<boost::asio::ssl::context> make_server_context(const std::string& certificate_file, const std::string& key_file);

/// Trusts the system's authorities and those in `ca_file` (may be empty).
/// @throws boost::system::system_error when `ca_file` cannot be read.
[[nodiscard]] boost::asio::ssl::context make_client_context(const std::string& ca_file);

} // namespace sportello::http
