/* libmnl: minimal netlink. Only Kernel imports it. */
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
