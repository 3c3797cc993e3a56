/**
 * Which fields the v1 objects have, what their values look like, and whether Jubelet honours, ignores or refuses each
 * field.
 *
 * <p>Tables and checks of single values in; findings out. Pure.
 */
package io.jubelet.schema;
