/**
 * The command line: commands that ask the daemon over its socket, and classes that print what it answers.
 *
 * <p>Commands call and print; whatever is decided is decided in the daemon. Printing classes take JSON and a moment, and
 * are pure but for the stream they print to.
 */
package io.jubelet.cli;
