/**
 * Who calls from another machine, and what that one may: as the kubelet does it, by certificates, tokens and questions to the API
 * server.
 *
 * <p>In comes a request of the listener, out goes a verdict, on the thread of that request, which waits for the API server when
 * the answer is not remembered. Nothing here serves anything, and nothing is ever allowed because an answer is missing. Only
 * loaded where a port is asked for.
 */
package io.jubelet.authorization;
