// The software bill of materials (CycloneDX) of what is released, made by npm.
import { execFileSync } from 'node:child_process';

/** What is built into the self-service page: development dependencies that are released all the same. */
export const IN_THE_PAGE = ['preact', 'oauth4webapi'];

const DEVELOPMENT = 'cdx:npm:package:development';

/**
 * @typedef {{ name: string, scope?: string, 'bom-ref': string, properties?: { name: string, value: string }[] }} Component
 * @typedef {{ ref: string, dependsOn?: string[] }} Dependency
 * @typedef {{ metadata: { component: { name: string } }, components: Component[], dependencies: Dependency[] }} Bill
 */

/**
 * All that the package installs or has in it, and none of the tools that make and test it.
 *
 * @returns {Bill}
 */
export function billOfMaterials() {
  const options = { encoding: /** @type {const} */ ('utf8'), maxBuffer: 64 * 1024 * 1024 };
  return onlyReleased(JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], options)));
}

/**
 * @param {Bill} bill
 * @returns {Bill}
 */
export function onlyReleased(bill) {
  const components = bill.components.filter((component) => isReleased(component));
  const kept = new Set(components.map((component) => component['bom-ref']));
  const root = bill.metadata.component;
  return {
    ...bill,
    // npm writes the folder's name for the package's.
    metadata: { ...bill.metadata, component: { ...root, name: 'gatepass' } },
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => kept.has(ref) || !bill.components.some((component) => component['bom-ref'] === ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) })),
  };
}

/**
 * What is optional is what a dependency can work with if it happens to be there, as valibot with typescript.
 *
 * @param {Component} component
 */
function isReleased({ name, scope, properties = [] }) {
  if (IN_THE_PAGE.includes(name)) return true;
  return scope !== 'optional' && !properties.some((property) => property.name === DEVELOPMENT);
}
