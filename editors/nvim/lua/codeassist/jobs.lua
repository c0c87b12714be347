--- What the server does for long: it fetches a model, it learns a repository.

local cli = require('codeassist.cli')
local say = require('codeassist.say')
local server = require('codeassist.server')
local settings = require('codeassist.settings')
local state = require('codeassist.state')

local M = {}

local FINETUNE = 'codeassist.server.finetune'
local PULL = 'codeassist.server.pull'

---@class codeassist.Result
---@field status string
---@field message string
---@field report? string

---@type string?
M.report = nil

---@class codeassist.CatalogModel
---@field id string
---@field size integer
---@field licence string
---@field default boolean
---@field here boolean

---@param client vim.lsp.Client
---@param command string
---@param argument table
---@param done fun(result: codeassist.Result)
---@return boolean asked False: the server does not know the command.
local function execute(client, command, argument, done)
  local provider = client.server_capabilities.executeCommandProvider or {}
  if not vim.list_contains(provider.commands or {}, command) then
    return false
  end
  local params = { command = command, arguments = { argument } }
  client:request('workspace/executeCommand', params, function(problem, result)
    if problem then
      result = { status = 'failed', message = problem.message }
    end
    done(result or { status = 'failed', message = 'the server gave no answer' })
  end)
  return true
end

---@return vim.lsp.Client?
local function any_client()
  return state.client(0) or vim.lsp.get_clients({ name = 'codeassist' })[1]
end

-- -- models -----------------------------------------------------------------------------

--- The catalog; nil where it cannot be had.
---@param done fun(models: codeassist.CatalogModel[])
function M.catalog(done)
  cli.run({ 'models', 'list', '--json' }, function(stdout)
    done(vim.json.decode(stdout))
  end)
end

---@param id string
local function complete_with(id)
  settings.change({ model = { id = id } })
  say(("completing with %s; setup({ model = { id = '%s' } }) keeps it"):format(id, id))
  if not any_client() then
    server.restart()
  end
end

---@param id string
local function pull(id)
  local function ready()
    complete_with(id)
  end
  local client = any_client()
  local asked = client
    and execute(client, PULL, { id = id }, function(result)
      if result.status == 'ready' then
        ready()
      else
        say(('%s was not fetched: %s'):format(id, result.message), vim.log.levels.WARN)
      end
    end)
  if not asked then
    cli.run({ 'models', 'pull', id }, function()
      ready()
      server.restart() -- it may have given up looking for a model
    end)
  end
  say(('fetching %s ...'):format(id))
end

---@param model codeassist.CatalogModel
local function use(model)
  if model.here then
    complete_with(model.id)
  else
    pull(model.id)
  end
end

---@param model codeassist.CatalogModel
---@return string
local function describe(model)
  local notes = { ('%d MB'):format(model.size / 1e6), model.licence }
  table.insert(notes, model.here and 'here' or 'to be fetched')
  if model.default then
    table.insert(notes, 'default')
  end
  return ('%s (%s)'):format(model.id, table.concat(notes, ', '))
end

--- Complete with another model; fetch it if it is not on this machine.
---@param id? string Asked for when left out.
function M.model(id)
  M.catalog(function(models)
    local named = vim.iter(models):find(function(model)
      return model.id == id
    end)
    if named then
      use(named)
    elseif id then
      local ids = vim.iter(models):map(function(model)
        return model.id
      end)
      local text = 'there is no model %s; known are %s'
      say(text:format(id, ids:join(', ')), vim.log.levels.WARN)
    else
      local asked = { prompt = 'Complete with', format_item = describe }
      vim.ui.select(models, asked, function(choice)
        if choice then
          use(choice)
        end
      end)
    end
  end)
end

-- -- fine-tuning ------------------------------------------------------------------------

---@param result codeassist.Result
local function tell(result)
  local failed = result.status == 'failed'
  if type(result.report) == 'string' then
    M.report = result.report
  end
  local text = ('fine-tuning: %s'):format(result.message ~= '' and result.message or result.status)
  if M.report and not failed then
    text = text .. ' (:Codeassist report)'
  end
  say(text, failed and vim.log.levels.ERROR or vim.log.levels.INFO)
end

--- Learn the repository of the current buffer, prove that it helps, switch it on.
---@param budget? string Like 20m.
function M.finetune(budget)
  local client = any_client()
  if not client then
    say('no server is running; open a source file first', vim.log.levels.WARN)
    return
  end
  local path = server.root_of(0) or client.root_dir or vim.uv.cwd()
  if execute(client, FINETUNE, { path = path, budget = budget or vim.NIL }, tell) then
    say(('fine-tuning on %s; :Codeassist cancel ends it'):format(vim.fs.basename(path)))
  else
    say('this server cannot fine-tune; install a newer one', vim.log.levels.WARN)
  end
end

--- End the work that can be ended.
function M.cancel()
  local ended = 0
  for _, client in ipairs(vim.lsp.get_clients({ name = 'codeassist' })) do
    for _, token in ipairs(state.cancellable(client)) do
      client:notify('window/workDoneProgress/cancel', { token = token })
      ended = ended + 1
    end
  end
  if ended == 0 then
    say('there is nothing to cancel')
  end
end

--- Open the report of the last fine-tuning.
function M.open_report()
  if not M.report then
    say('there is no report yet; :Codeassist finetune writes one')
    return
  end
  local _, problem = vim.ui.open(M.report)
  if problem then
    say('the report is ' .. M.report)
  end
end

return M
