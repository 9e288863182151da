// Asio's TLS parts that are not templates, compiled once (BOOST_ASIO_SEPARATE_COMPILATION is set for every
// target).
#include <boost/asio/ssl/impl/src.hpp>
