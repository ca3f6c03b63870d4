#!/usr/bin/env node
// Runs src/main.ts with a Node that can: this one if it is new enough, else the one installed with the package. Plain JavaScript, for any Node from 18 on.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const needed = 26
const home = dirname(dirname(fileURLToPath(import.meta.url)))

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= needed) return process.execPath
  const places = [join(home, 'node_modules', '.bin', 'node'), join(home, '..', '.bin', 'node')]
  return places.find((path) => existsSync(path))
}

const node = findNode()
if (!node) {
  console.error(`Kith needs Node ${needed} or later; this is ${process.version}, and ${join(home, 'node_modules')} has none. Run "npm ci" there, or install Node ${needed}.`)
  process.exit(1)
}

const args = [join(home, 'src', 'main.ts'), ...process.argv.slice(2)]

// Where a process can become another one, nothing stands between the caller and the program.
if (process.execve && process.platform !== 'win32') process.execve(node, [node, ...args], process.env)

const child = spawn(node, args, { stdio: 'inherit' })
child.on('error', (error) => {
  console.error(`${node} does not start: ${error.message}`)
  process.exit(1)
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    // A terminal sends its Ctrl-C to both of us; passing it on would make it two.
    const sentToBoth = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT' || signal === 'SIGHUP')
    if (!sentToBoth) child.kill(signal)
  })
}
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
