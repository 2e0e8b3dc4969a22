#include "tls_context.hpp"

namespace sportello::http {
namespace ssl = boost::asio::ssl;
namespace {

constexpr auto no_old_protocols = ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                                  ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression;

base::Error unusable(const std::string& what, const std::string& file, const boost::system::error_code& error)
{
    return base::Error(base::ErrorKind::invalid_input,
                       what + " '" + file + "' cannot be used: " + error.message() +
                           "; give a readable PEM file (the certificate with its chain, and the key that belongs to it)");
}

} // namespace

base::Result<ssl::context> make_server_context(const std::string& certificate_file, const std::string& key_file)
{
    ssl::context context(ssl::context::tls_server);
    context.set_options(no_old_protocols);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
    boost::system::error_code error;
    context.use_certificate_chain_file(certificate_file, error);
    if (error) return unusable("the TLS certificate", certificate_file, error);
    context.use_private_key_file(key_file, ssl::context::pem, error);
    if (error) return unusable("the TLS key", key_file, error);
    return context;
}

ssl::context make_client_context(const std::string& ca_file)
{
    ssl::context context(ssl::context::tls_client);
    context.set_options(no_old_protocols);
    context.set_default_verify_paths();
    if (!ca_file.empty()) context.load_verify_file(ca_file);
    context.set_verify_mode(ssl::verify_peer);
    return context;
}

} // namespace sportello::http
